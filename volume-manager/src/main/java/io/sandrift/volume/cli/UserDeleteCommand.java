package io.sandrift.volume.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift user delete}. */
@Command(
    name = "delete",
    aliases = "rm",
    description = "Delete a user; its token is worthless from then on.",
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
    footer = "  sandrift user delete ann")
final class UserDeleteCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the user.")
  private String name = "";

  @Mixin private AdminOption admin = new AdminOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    admin.connect().delete(UserCommand.path(name));
    spec.commandLine().getErr().println("User '" + name + "' is deleted.");
  }
}
