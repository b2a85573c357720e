package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sandrift server list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List the servers of the cluster.",
    footer = {"  sandrift server list"})
public final class ServerListCommand implements Runnable {

  @Mixin private AdminMixin shared = new AdminMixin();

  /** Where the admin API keeps the servers. */
  static final String SERVERS = "/v1/servers";

  @Override
  public void run() {
    JsonNode answer = shared.connect().get(SERVERS);
    shared.print(answer, () -> table(answer));
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
