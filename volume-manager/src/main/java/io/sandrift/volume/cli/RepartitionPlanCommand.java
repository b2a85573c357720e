package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandrift repartition plan}. */
@Command(
    name = "plan",
    description =
        "Show what would move, how many bytes and how long that takes, and what it would change."
            + " Nothing moves.",
    footer = {
      "  sandrift repartition plan --add server-4",
      "  sandrift repartition plan --remove server-2 --save plan.json",
      "  sandrift repartition plan --rebalance load --volume db"
    })
final class RepartitionPlanCommand implements Runnable {

  @Mixin private PlanOptions options = new PlanOptions();

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Keep the plan in a file, for 'sandrift repartition run --plan'.")
  private @Nullable Path save;

  @Mixin private RepartitionMixin shared = new RepartitionMixin();

  @Override
  public void run() {
    JsonNode plan = shared.connect().post("/v1/repartition/plan", options.request());
    if (save != null) {
      try {
        Files.writeString(save, plan.toPrettyString() + System.lineSeparator());
      } catch (IOException e) {
        throw new CommandFailure(
            ExitCode.FAILURE, "the plan can't be written to " + save + ": " + e.getMessage(), e);
      }
    }
    if (shared.format() == OutputFormat.table) {
      RepartitionViews.plan(shared.out(), plan);
    } else {
      shared.print(plan, TextTable::ofPairs);
    }
  }
}
