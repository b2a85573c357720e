package io.sandrift.volume.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift policy}: how clients are distributed. */
@Command(
    name = "policy",
    description = "List, show and set how the clients of each service class are distributed.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {PolicyListCommand.class, PolicyShowCommand.class, PolicySetCommand.class},
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
      "  sandrift policy list",
      "  sandrift policy set default round-robin",
      "  sandrift policy set gold intake --link relay -p threshold=0.6"
    })
public final class PolicyCommand implements Runnable {

  /** Where the admin API keeps the policies. */
  static final String POLICIES = "/v1/policies";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do: list, show or set");
  }
}
