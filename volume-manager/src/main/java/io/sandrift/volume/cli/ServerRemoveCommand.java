package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.volume.catalog.ByteSize;
import java.io.PrintWriter;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift server remove}. */
@Command(
    name = "remove",
    description = {
      "Empty a server for good: move its sessions and its partitions to the others.",
      "Can be repeated after it was cut off. When it has ended, stop the server."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such server",
      "4:the others have no room, or another plan runs; the message says which",
      ExitCode.UNREACHABLE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift server remove server-2",
      "  sandrift server remove server-2 --rate 50MiB"
    })
public final class ServerRemoveCommand implements Runnable {

  private static final Set<String> OVER = Set.of("done", "cancelled", "failed");
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long SESSIONS_LIMIT_NANOS = TimeUnit.MINUTES.toNanos(10);

  @Parameters(index = "0", paramLabel = "ID", description = "The server.")
  private String server = "";

  @Option(
      names = "--rate",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = SizeConverter.class,
      description = "The most to copy each second (default: no limit).")
  private ByteSize rate = new ByteSize(0);

  @Mixin private AdminOption admin = new AdminOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    AdminClient client = admin.connect();
    String path = ServerListCommand.SERVERS + "/" + PolicySetCommand.encoded(server);
    client.post(path + "/drain", JsonNodeFactory.instance.objectNode());
    out.println(
        server + " takes no new sessions and no new volumes; the ones that it has move away");
    out.flush();
    movePartitions(client, out);
    awaitSessions(client, path);
    out.println(server + " owns nothing and serves nobody; it can be stopped now");
    out.flush();
  }

  private void movePartitions(AdminClient client, PrintWriter out) {
    OptionalLong running = running(client);
    if (running.isEmpty()) {
      ObjectNode request = JsonNodeFactory.instance.objectNode();
      request.putArray("remove").add(server);
      if (client.post("/v1/repartition/plan", request).path("moves").isEmpty()) {
        out.println(server + " owns no partitions");
        out.flush();
        return;
      }
      request.put("bytesPerSecond", rate.bytes());
      running = OptionalLong.of(client.post(RepartitionCommand.PLANS, request).path("id").asLong());
    }
    long id = running.getAsLong();
    out.println("plan " + id + " moves its partitions");
    out.flush();
    new PlanWatch(client, spec.commandLine().getErr()).untilOver(id);
    JsonNode ended = client.get(RepartitionCommand.PLANS + "/" + id);
    if (!ended.path("state").asText().equals("done")) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          "plan "
              + id
              + " ended "
              + ended.path("state").asText()
              + ": "
              + ended.path("note").asText());
    }
  }

  /** The plan of an earlier run of this command that still runs. */
  private OptionalLong running(AdminClient client) {
    for (JsonNode plan : client.get(RepartitionCommand.PLANS).path("plans")) {
      if (!OVER.contains(plan.path("state").asText())
          && plan.path("purpose").asText().equals("remove " + server)) {
        return OptionalLong.of(plan.path("id").asLong());
      }
    }
    return OptionalLong.empty();
  }

  private void awaitSessions(AdminClient client, String path) {
    long deadline = System.nanoTime() + SESSIONS_LIMIT_NANOS;
    for (long left = sessions(client, path); left > 0; left = sessions(client, path)) {
      if (System.nanoTime() - deadline > 0) {
        throw new CommandFailure(
            ExitCode.FAILURE,
            left + " sessions are left at " + server + "; repeat the command to wait on");
      }
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  private static long sessions(AdminClient client, String path) {
    return client.get(path).path("sessions").asLong();
  }
}
