package io.sandrift.volume.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift volume}: creates, shows, grows and deletes volumes. */
@Command(
    name = "volume",
    description = "Create, list, show, resize and delete volumes.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = {
      VolumeCreateCommand.class,
      VolumeListCommand.class,
      VolumeShowCommand.class,
      VolumeLoadCommand.class,
      VolumeMapCommand.class,
      VolumeResizeCommand.class,
      VolumeDeleteCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      ExitCode.CONFLICT_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift volume create scratch --size 10GiB",
      "  sandrift volume list",
      "  sandrift volume resize scratch --size 20GiB",
      "  sandrift volume delete scratch"
    })
public final class VolumeCommand implements Runnable {

  /** Where the admin API keeps the volumes. */
  static final String VOLUMES = "/v1/volumes";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "say what to do: create, list, show, map, resize or delete");
  }
}
