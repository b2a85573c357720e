package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sandrift server list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the servers of the cluster.",
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
    footer = {"  sandrift server list"})
public final class ServerListCommand implements Runnable {

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Where the admin API keeps the servers. */
  static final String SERVERS = "/v1/servers";

  @Override
  public void run() {
    JsonNode answer = admin.connect().get(SERVERS);
    output.format().print(spec.commandLine().getOut(), answer, () -> table(answer));
  }

  private static TextTable table(JsonNode answer) {
    TextTable table =
        TextTable.headed("SERVER", "STATE", "DRAINING", "SESSIONS", "PRESSURE", "MASTER", "PORTAL");
    for (JsonNode server : answer.path("servers")) {
      table.row(
          server.path("id").asText(),
          server.path("state").asText(),
          server.path("draining").asBoolean() ? "yes" : "no",
          server.path("sessions").asText(),
          "%.2f".formatted(server.path("pressure").asDouble()),
          server.path("master").asBoolean() ? "yes" : "no",
          server.path("portals").path(0).asText("-"));
    }
    return table;
  }
}
