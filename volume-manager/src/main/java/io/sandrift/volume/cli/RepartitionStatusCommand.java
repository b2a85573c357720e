package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sandrift repartition status}. */
@Command(
    name = "status",
    description = "Show how far a plan is, and who does what for it.",
    footer = {"  sandrift repartition status", "  sandrift repartition status 7 --watch"})
final class RepartitionStatusCommand implements Runnable {

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "ID",
      description = "The plan's number (default: the newest).")
  private @Nullable Long id;

  @Option(names = "--watch", description = "Show the progress until it is over.")
  private boolean watch;

  @Mixin private RepartitionMixin shared = new RepartitionMixin();

  @Override
  public void run() {
    AdminClient client = shared.connect();
    long shown = id == null ? newest(client) : id;
    if (watch) {
      new PlanWatch(client, shared.err()).untilOver(shown);
    }
    JsonNode plan = client.get(RepartitionCommand.PLANS + "/" + shown);
    shared.print(plan, () -> RepartitionViews.progress(plan));
  }

  private static long newest(AdminClient client) {
    JsonNode plans = client.get(RepartitionCommand.PLANS).path("plans");
    if (plans.isEmpty()) {
      throw new CommandFailure(
          ExitCode.NOT_FOUND, "no plan was ever run; 'sandrift repartition plan' makes one");
    }
    return plans.get(0).path("id").asLong();
  }
}
