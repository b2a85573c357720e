package io.sandrift.volume.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift session}: who is served where, and why. */
@Command(
    name = "session",
    description = "List, show and move sessions.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {SessionListCommand.class, SessionShowCommand.class, SessionMoveCommand.class},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift session list",
      "  sandrift session show 4f0c7a91e2d3",
      "  sandrift session move 4f0c7a91e2d3 --to server-2"
    })
public final class SessionCommand implements Runnable {

  /** Where the admin API keeps the sessions. */
  static final String SESSIONS = "/v1/sessions";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: list, show or move");
  }
}
