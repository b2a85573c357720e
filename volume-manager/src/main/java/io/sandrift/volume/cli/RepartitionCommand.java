package io.sandrift.volume.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift repartition}: moves partitions between servers. */
@Command(
    name = "repartition",
    description = {
      "Move partitions between servers while volumes are in use.",
      "A plan says which partitions go where and what that costs; nothing moves before it is run."
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = {
      RepartitionPlanCommand.class,
      RepartitionRunCommand.class,
      RepartitionStatusCommand.class,
      RepartitionActionCommands.Pause.class,
      RepartitionActionCommands.Resume.class,
      RepartitionActionCommands.Cancel.class,
      RepartitionActionCommands.Undo.class,
      RepartitionActionCommands.Rate.class,
      RepartitionHistoryCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such plan",
      "4:the plan can't be made or run now; the message says why",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift repartition plan --add server-4",
      "  sandrift repartition run --add server-4 --rate 100MiB --watch",
      "  sandrift repartition status",
      "  sandrift repartition cancel 7"
    })
public final class RepartitionCommand implements Runnable {

  /** Where the admin API keeps the plans. */
  static final String PLANS = "/v1/repartition/plans";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "say what to do: plan, run, status, pause, resume, cancel, undo, rate or history");
  }
}
