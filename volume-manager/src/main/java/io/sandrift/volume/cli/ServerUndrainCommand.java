package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift server undrain}. */
@Command(
    name = "undrain",
    description = "Let a server take sessions again.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "3:there is no such server",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift server undrain server-2"})
public final class ServerUndrainCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "ID", description = "The server.")
  private String server = "";

  @Mixin private AdminOption admin = new AdminOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    admin
        .connect()
        .post(
            ServerListCommand.SERVERS + "/" + PolicySetCommand.encoded(server) + "/undrain",
            JsonNodeFactory.instance.objectNode());
    spec.commandLine().getOut().println(server + " takes sessions again");
    spec.commandLine().getOut().flush();
  }
}
