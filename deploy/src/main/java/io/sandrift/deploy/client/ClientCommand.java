package io.sandrift.deploy.client;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift client}. */
@Command(
    name = "client",
    description = "Use a volume, or any iSCSI disk, from this machine without mounting it.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true,
    subcommands = {
      ListTargetsCommand.class,
      InfoCommand.class,
      ReadCommand.class,
      WriteCommand.class,
      BenchCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift client ls 127.0.0.1:3260",
      "  sandrift client info iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0",
      "  sandrift client write iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0 --input disk.img",
      "  sandrift client read iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0 --length 1MiB | xxd | head"
    })
public final class ClientCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say what to do");
  }
}
