package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sandrift policy list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the policy of each service class, and the policies that there are.",
    footer = {"  sandrift policy list", "  sandrift policy list -o json | jq .kinds"})
final class PolicyListCommand implements Runnable {

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode answer = shared.connect().get(PolicyCommand.POLICIES);
    shared.print(answer, () -> table(answer));
    if (shared.format() == OutputFormat.table) {
      PrintWriter out = shared.out();
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
