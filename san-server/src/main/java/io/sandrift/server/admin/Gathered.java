package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.ServerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What all servers said, and who said nothing.
 *
 * @param views the answers of those that gave one
 * @param missing the others: {@code [{"server": ..., "reason": ...}]}
 */
record Gathered(List<JsonNode> views, ArrayNode missing) {

  /** Asks all members, this server among them; waits no longer than {@link Shares#PATIENCE}. */
  static Gathered ask(ServerStatus status, PeerQuestions peers, String topic, JsonNode question) {
    return from(
        peers.askAll(
            status.members().stream().map(Member::id).toList(), topic, question, Shares.PATIENCE));
  }

  private static Gathered from(Map<ServerId, PeerQuestions.Reply> replies) {
    List<JsonNode> views = new ArrayList<>();
    ArrayNode missing = JsonNodeFactory.instance.arrayNode();
    replies.forEach(
        (server, reply) -> {
          if (reply.view() != null) {
            views.add(reply.view());
          } else {
            missing.addObject().put("server", server.value()).put("reason", reply.missing());
          }
        });
    return new Gathered(views, missing);
  }

  /** What is in the views, where those are lists. */
  List<JsonNode> elements() {
    List<JsonNode> elements = new ArrayList<>();
    views.forEach(list -> list.forEach(elements::add));
    return elements;
  }
}
