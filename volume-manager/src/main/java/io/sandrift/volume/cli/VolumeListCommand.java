package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sandrift volume list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List all volumes, by name.",
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
    footer = {
      "  sandrift volume list",
      "  sandrift volume list -o json | jq -r '.volumes[].urls[0]'"
    })
final class VolumeListCommand implements Runnable {

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode answer = admin.connect().get(VolumeCommand.VOLUMES);
    TextTable table = VolumeViews.list(answer.path("volumes"));
    if (output.format() == OutputFormat.table && table.size() == 0) {
      spec.commandLine()
          .getErr()
          .println("No volumes yet; 'sandrift volume create NAME --size 10GiB' makes one.");
      return;
    }
    output.format().print(spec.commandLine().getOut(), answer, () -> table);
  }
}
