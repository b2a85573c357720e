package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Locale;

/**
 * Which entries of the audit log somebody wants to see.
 *
 * @param user whose; empty for everybody's
 * @param action a part of the action, in any case; empty for every action
 * @param since none that is older
 * @param limit the most, the newest of them
 */
record AuditQuery(String user, String action, Instant since, int limit) {

  boolean matches(JsonNode entry) {
    return (user.isEmpty() || entry.path("user").asText().equals(user))
        && lowerCase(entry.path("action").asText()).contains(lowerCase(action))
        && !at(entry).isBefore(since);
  }

  /** When an entry was made. */
  static Instant at(JsonNode entry) {
    try {
      return Instant.parse(entry.path("at").asText());
    } catch (DateTimeException e) {
      return Instant.EPOCH;
    }
  }

  ObjectNode encode() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("user", user)
        .put("action", action)
        .put("since", since.toString())
        .put("limit", limit);
  }

  static AuditQuery decode(JsonNode node) {
    return new AuditQuery(
        node.path("user").asText(),
        node.path("action").asText(),
        Instant.parse(node.path("since").asText()),
        node.path("limit").asInt());
  }

  private static String lowerCase(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
