package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
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

  static Gathered from(Map<ServerId, PeerQuestions.Reply> replies) {
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
}
