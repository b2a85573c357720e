package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Which entries of the audit log somebody wants to see.
 *
 * @param user whose; empty for everybody's
 * @param action a part of the action, in any case; empty for every action
 * @param since none that is older
 * @param limit the most, the newest of them; of strangers a fifth of it
 */
record AuditQuery(String user, String action, Instant since, int limit) {

  /** Strangers may come as often as they like: they get this part of what is shown. */
  static final int ONE_STRANGER_OF = 5;

  /** Those that are wanted, the newest first. */
  List<JsonNode> choose(Stream<JsonNode> entries) {
    List<JsonNode> chosen = new ArrayList<>();
    int strangers = 0;
    for (JsonNode entry :
        entries
            .filter(this::matches)
            .sorted(Comparator.comparing(AuditQuery::at).reversed())
            .toList()) {
      boolean isStrangers = AuditEntry.isStrangers(entry);
      if (chosen.size() < limit && (!isStrangers || strangers < limit / ONE_STRANGER_OF)) {
        chosen.add(entry);
        strangers += isStrangers ? 1 : 0;
      }
    }
    return chosen;
  }

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
