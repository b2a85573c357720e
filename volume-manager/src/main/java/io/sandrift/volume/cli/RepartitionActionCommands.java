package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.volume.catalog.ByteSize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The commands that change a plan: {@code sandrift repartition pause}, {@code resume} and so on.
 */
final class RepartitionActionCommands {

  private RepartitionActionCommands() {}

  /** What they share: the plan, the server, and how the result is printed. */
  abstract static class Action implements Runnable {

    @Parameters(index = "0", paramLabel = "ID", description = "The plan's number.")
    private long id;

    @Mixin private RepartitionMixin shared = new RepartitionMixin();

    abstract JsonNode change(AdminClient client, String plan);

    @Override
    public final void run() {
      JsonNode plan = change(shared.connect(), RepartitionCommand.PLANS + "/" + id);
      shared.print(
          plan, () -> RepartitionViews.records(JsonNodeFactory.instance.arrayNode().add(plan)));
    }
  }

  private static JsonNode post(AdminClient client, String path) {
    return client.post(path, JsonNodeFactory.instance.objectNode());
  }

  /** {@code sandrift repartition pause}. */
  @Command(
      name = "pause",
      description = "Break off the copying; what has moved stays. 'resume' goes on.",
      footer = "  sandrift repartition pause 7")
  static final class Pause extends Action {
    @Override
    JsonNode change(AdminClient client, String plan) {
      return post(client, plan + "/pause");
    }
  }

  /** {@code sandrift repartition resume}. */
  @Command(
      name = "resume",
      description = "Go on with a plan that was paused.",
      footer = "  sandrift repartition resume 7")
  static final class Resume extends Action {
    @Override
    JsonNode change(AdminClient client, String plan) {
      return post(client, plan + "/resume");
    }
  }

  /** {@code sandrift repartition cancel}. */
  @Command(
      name = "cancel",
      description = "End a plan; what has moved goes back to where it was.",
      footer = {"  sandrift repartition cancel 7", "  sandrift repartition cancel 7 --keep"})
  static final class Cancel extends Action {

    @Option(names = "--keep", description = "Leave what has moved where it is.")
    private boolean keep;

    @Override
    JsonNode change(AdminClient client, String plan) {
      return post(client, plan + "/cancel" + (keep ? "?keep=true" : ""));
    }
  }

  /** {@code sandrift repartition undo}. */
  @Command(
      name = "undo",
      description = "Run the way back of a plan that is over, as a new plan.",
      footer = "  sandrift repartition undo 7")
  static final class Undo extends Action {
    @Override
    JsonNode change(AdminClient client, String plan) {
      return post(client, plan + "/undo");
    }
  }

  /** {@code sandrift repartition rate}. */
  @Command(
      name = "rate",
      description = "Set the most that a plan copies each second, all servers together.",
      footer = {"  sandrift repartition rate 7 50MiB", "  sandrift repartition rate 7 0"})
  static final class Rate extends Action {

    @Parameters(
        index = "1",
        paramLabel = "SIZE",
        converter = SizeConverter.class,
        description = "Such as 50MiB; 0 for no limit.")
    private ByteSize rate = new ByteSize(0);

    @Override
    JsonNode change(AdminClient client, String plan) {
      return client.put(
          plan + "/rate",
          JsonNodeFactory.instance.objectNode().put("bytesPerSecond", rate.bytes()));
    }
  }
}
