package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.volume.catalog.ByteSize;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code sandrift repartition run}. */
@Command(
    name = "run",
    description = "Run a plan: one that was saved, or one made anew. Volumes stay in use.",
    footer = {
      "  sandrift repartition run --add server-4 --watch",
      "  sandrift repartition run --plan plan.json --rate 50MiB"
    })
final class RepartitionRunCommand implements Runnable {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin private PlanOptions options = new PlanOptions();

  @Option(
      names = "--plan",
      paramLabel = "FILE",
      description = "The plan that 'sandrift repartition plan --save' wrote.")
  private @Nullable Path plan;

  @Option(
      names = "--rate",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = SizeConverter.class,
      description = "The most to copy each second, all servers together (default: no limit).")
  private ByteSize rate = new ByteSize(0);

  @Option(names = "--watch", description = "Show the progress until it is over.")
  private boolean watch;

  @Mixin private RepartitionMixin shared = new RepartitionMixin();

  @Override
  public void run() {
    if (plan == null == options.isEmpty()) {
      throw new ParameterException(
          shared.command().commandLine(),
          "give either --plan FILE or what to plan: --add, --remove or --rebalance");
    }
    ObjectNode request = options.request();
    if (plan != null) {
      request = JsonNodeFactory.instance.objectNode();
      request.set("plan", read(plan));
    }
    request.put("bytesPerSecond", rate.bytes());
    AdminClient client = shared.connect();
    JsonNode begun = client.post(RepartitionCommand.PLANS, request);
    if (watch) {
      long id = begun.path("id").asLong();
      new PlanWatch(client, shared.err()).untilOver(id);
      begun = client.get(RepartitionCommand.PLANS + "/" + id);
    }
    JsonNode shown = begun;
    shared.print(
        shown, () -> RepartitionViews.records(JsonNodeFactory.instance.arrayNode().add(shown)));
    if (watch && !shown.path("state").asText().equals("done")) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          "the plan ended " + shown.path("state").asText() + ": " + shown.path("note").asText());
    }
  }

  private JsonNode read(Path file) {
    try {
      JsonNode read = JSON.readTree(file.toFile());
      if (read instanceof ObjectNode object) {
        // What is only for the reader isn't part of a plan.
        object.remove("expectedSeconds");
        object.remove("expectedBytesPerSecond");
      }
      return read;
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.USAGE, "the plan " + file + " can't be read: " + e.getMessage(), e);
    }
  }
}
