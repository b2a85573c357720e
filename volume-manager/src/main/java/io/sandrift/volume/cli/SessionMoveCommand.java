package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift session move}. */
@Command(
    name = "move",
    description =
        "Move a session to another server, and wait until it has arrived; its I/O goes on.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such session",
      "4:it is there already, on its way, or the server can't take it",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift session move 4f0c7a91e2d3 --to server-2"})
final class SessionMoveCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "SESSION", description = "The session's id.")
  private String session = "";

  @Option(
      names = "--to",
      required = true,
      paramLabel = "ID",
      description = "The server to move it to.")
  private String to = "";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept with the decision.")
  private String reason = "asked for at the command line";

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode answer =
        admin
            .connect()
            .post(
                SessionCommand.SESSIONS + "/" + SessionViews.id(session) + "/move",
                JsonNodeFactory.instance.objectNode().put("to", to).put("reason", reason));
    output.format().print(spec.commandLine().getOut(), answer, () -> SessionViews.one(answer));
  }
}
