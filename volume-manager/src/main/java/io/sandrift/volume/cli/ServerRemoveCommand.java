package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.volume.catalog.ByteSize;
import java.io.PrintWriter;
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
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift server remove server-2",
      "  sandrift server remove server-2 --rate 50MiB"
    })
public final class ServerRemoveCommand implements Runnable {

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
    OperationWatch watch = new OperationWatch(client, spec.commandLine().getErr());
    String path = ServerListCommand.SERVERS + "/" + PolicySetCommand.encoded(server) + "/remove";
    out.println(
        server + " takes no new sessions and no new volumes; the ones that it has move away");
    out.flush();
    JsonNode ended;
    do {
      // Again, as a volume that was just being made may have come to it after the first plan;
      // when there is nothing left to move, the operation is the drain.
      ended =
          watch.untilDone(
              client.begin(
                  path, JsonNodeFactory.instance.objectNode().put("bytesPerSecond", rate.bytes())));
    } while (!ended.path("kind").asText().equals("drain"));
    out.println(server + " owns nothing and serves nobody; it can be stopped now");
    out.flush();
  }
}
