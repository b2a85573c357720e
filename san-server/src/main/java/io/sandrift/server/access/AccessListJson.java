package io.sandrift.server.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** An {@link AccessList} as its znode holds it. */
final class AccessListJson {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int FORMAT = 1;

  private AccessListJson() {}

  static byte[] encode(AccessList list) {
    ObjectNode node = JSON.createObjectNode().put("format", FORMAT).put("open", list.isOpen());
    ArrayNode rules = node.putArray("rules");
    for (AccessRule rule : list.rules()) {
      rules
          .addObject()
          .put("allow", rule.isAllowed())
          .put("initiator", rule.initiator())
          .put("network", rule.network());
    }
    ObjectNode users = node.putObject("chapUsers");
    list.chapUsers().forEach(users::put);
    AccessList.Mutual mutual = list.mutual();
    if (mutual != null) {
      node.putObject("mutual").put("name", mutual.name()).put("sealed", mutual.sealed());
    }
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws IOException if the bytes are no list, or of a newer format
   */
  static AccessList decode(byte[] bytes) throws IOException {
    JsonNode node = JSON.readTree(bytes);
    if (node.path("format").asInt(FORMAT + 1) > FORMAT) {
      throw new IOException("it has a newer format; run the version that wrote it");
    }
    List<AccessRule> rules = new ArrayList<>();
    for (JsonNode rule : node.path("rules")) {
      rules.add(
          new AccessRule(
              rule.path("allow").asBoolean(),
              rule.path("initiator").asText(),
              rule.path("network").asText()));
    }
    SortedMap<String, String> users = new TreeMap<>();
    node.path("chapUsers").properties().forEach(e -> users.put(e.getKey(), e.getValue().asText()));
    JsonNode mutual = node.path("mutual");
    return new AccessList(
        node.path("open").asBoolean(),
        rules,
        users,
        mutual.isObject()
            ? new AccessList.Mutual(mutual.path("name").asText(), mutual.path("sealed").asText())
            : null);
  }
}
