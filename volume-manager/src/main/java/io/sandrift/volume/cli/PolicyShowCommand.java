package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift policy show}. */
@Command(
    name = "show",
    description = "Show the policy of one service class with all its parameters.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift policy show default"})
final class PolicyShowCommand implements Runnable {

  @Parameters(index = "0", paramLabel = "SERVICE", description = "The service class.")
  private String service = "";

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode answer =
        admin.connect().get(PolicyCommand.POLICIES + "/" + PolicySetCommand.encoded(service));
    output
        .format()
        .print(spec.commandLine().getOut(), answer, () -> PolicySetCommand.table(answer));
  }
}
