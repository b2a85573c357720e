package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sandrift policy list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the policy of each service class, and the policies that there are.",
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
    footer = {"  sandrift policy list", "  sandrift policy list -o json | jq .kinds"})
final class PolicyListCommand implements Runnable {

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode answer = admin.connect().get(PolicyCommand.POLICIES);
    output.format().print(spec.commandLine().getOut(), answer, () -> table(answer));
    if (output.format() == OutputFormat.table) {
      PrintWriter out = spec.commandLine().getOut();
      out.println();
      TextTable kinds = TextTable.headed("AVAILABLE", "WHAT IT DOES");
      for (JsonNode kind : answer.path("kinds")) {
        kinds.row(kind.path("policy").asText(), kind.path("sentence").asText());
      }
      kinds.print(out);
    }
  }

  private static TextTable table(JsonNode answer) {
    TextTable table = TextTable.headed("SERVICE CLASS", "POLICY", "LINK", "INTAKE");
    for (JsonNode policy : answer.path("policies")) {
      table.row(
          policy.path("serviceClass").asText(),
          policy.path("policy").asText(),
          policy.path("link").asText(),
          policy.path("intake").path("server").asText("-"));
    }
    return table;
  }
}
