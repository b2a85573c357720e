package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sandrift load}. */
@Command(
    name = "load",
    description = {
      "Show the load of the system: every server's pressure, and what makes it up.",
      "",
      "A pressure of 0 is an idle server, 1 a saturated one, on any hardware. docs/load.md says how"
          + " it is computed."
    },
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
      "  sandrift load",
      "  sandrift load --details -o json | jq '.servers[].clients'",
      "  sandrift top"
    })
public final class LoadCommand implements Runnable {

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();

  @Option(
      names = "--details",
      description = "With each server's heaviest resources and sessions (json and yaml).")
  private boolean details;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode load = admin.connect().get(details ? "/v1/load?details=true" : "/v1/load");
    PrintWriter out = spec.commandLine().getOut();
    output.format().print(out, load, () -> LoadViews.servers(load));
    if (output.format() == OutputFormat.table) {
      out.println(LoadViews.system(load));
      TextTable nodes = LoadViews.nodes(load);
      if (nodes.size() > 0) {
        out.println();
        nodes.print(out);
      }
      out.flush();
    }
  }
}
