package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.ByteSize;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The admin API's sessions as tables. */
final class SessionViews {

  private SessionViews() {}

  static String id(String session) {
    return URLEncoder.encode(session, StandardCharsets.UTF_8);
  }

  static TextTable list(JsonNode sessions) {
    TextTable table =
        TextTable.headed("SESSION", "VOLUME", "SERVER", "POLICY", "COMMANDS", "SINCE", "CLIENT");
    List<JsonNode> sorted = new ArrayList<>();
    sessions.forEach(sorted::add);
    sorted.sort(
        Comparator.comparing((JsonNode session) -> session.path("server").asText())
            .thenComparing(session -> session.path("volume").asText())
            .thenComparing(session -> session.path("id").asText()));
    for (JsonNode session : sorted) {
      table.row(
          session.path("id").asText(),
          session.path("volume").asText(),
          server(session),
          session.path("why").path("policy").asText("-"),
          session.path("commands").asText(),
          session.path("since").asText(),
          session.path("client").asText());
    }
    return table;
  }

  static TextTable one(JsonNode session) {
    TextTable table =
        TextTable.ofPairs()
            .row("Session", session.path("id").asText())
            .row("Client", session.path("client").asText())
            .row("Volume", session.path("volume").asText())
            .row("Service class", session.path("serviceClass").asText())
            .row("Server", server(session))
            .row("Since", session.path("since").asText())
            .row("Connection from", session.path("address").asText())
            .row("Commands", session.path("commands").asText())
            .row("Read", new ByteSize(session.path("bytesRead").asLong()).toString())
            .row("Written", new ByteSize(session.path("bytesWritten").asLong()).toString());
    JsonNode why = session.path("why");
    table.row(
        "Why here",
        why.isObject()
            ? why.path("policy").asText() + ": " + why.path("reason").asText()
            : "it was taken in without a decision");
    trace(table, why);
    numbers(table, why);
    for (JsonNode decision : session.path("decisions")) {
      String from = decision.path("from").asText();
      table.row(
          decision.path("at").asText(),
          decision.path("kind").asText()
              + (from.isEmpty() ? "" : " from " + from)
              + " to "
              + decision.path("to").asText()
              + " by "
              + decision.path("by").asText()
              + ", "
              + decision.path("policy").asText()
              + ": "
              + decision.path("reason").asText());
      trace(table, decision);
      numbers(table, decision);
    }
    return table;
  }

  private static void trace(TextTable table, JsonNode decision) {
    String trace = decision.path("trace").asText();
    if (!trace.isEmpty()) {
      table.row("", "trace " + trace + " in the servers' logs");
    }
  }

  private static void numbers(TextTable table, JsonNode decision) {
    List<String> numbers = new ArrayList<>();
    for (var number : decision.path("numbers").properties()) {
      numbers.add("%s=%.3f".formatted(number.getKey(), number.getValue().asDouble()));
    }
    if (!numbers.isEmpty()) {
      table.row("", String.join(" ", numbers));
    }
  }

  private static String server(JsonNode session) {
    String to = session.path("movingTo").asText("");
    boolean isMoving = !to.isEmpty() && !to.equals("null");
    return session.path("server").asText() + (isMoving ? " -> " + to : "");
  }
}
