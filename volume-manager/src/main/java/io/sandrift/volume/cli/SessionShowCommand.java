package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift session show}: a session, and why it is where it is. */
@Command(
    name = "show",
    description = "Show one session: where it is, and every decision that led there.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such session",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift session show 4f0c7a91e2d3"})
final class SessionShowCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "SESSION", description = "The session's id.")
  private String session = "";

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode answer = admin.connect().get(SessionCommand.SESSIONS + "/" + SessionViews.id(session));
    output.format().print(spec.commandLine().getOut(), answer, () -> SessionViews.one(answer));
  }
}
