package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift user rotate}. */
@Command(
    name = "rotate",
    description = "Give a user a new token, and print it; the old one is worthless from then on.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such user",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = "  sandrift user rotate ann")
final class UserRotateCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the user.")
  private String name = "";

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode user =
        admin
            .connect()
            .post(UserCommand.path(name) + "/token", JsonNodeFactory.instance.objectNode());
    output.format().print(spec.commandLine().getOut(), user, () -> UserCommand.withToken(user));
  }
}
