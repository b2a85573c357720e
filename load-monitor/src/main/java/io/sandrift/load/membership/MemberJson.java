package io.sandrift.load.membership;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * A {@link Member} as the JSON that its znode holds. Fields that a newer version added are ignored,
 * so that a cluster can be upgraded one server at a time.
 */
final class MemberJson {

  private static final ObjectMapper JSON = new ObjectMapper();

  private MemberJson() {}

  static byte[] encode(Member member) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("id", member.id().value())
            .put("dataId", member.dataId().toString());
    member.portals().forEach(node.putArray("portals")::add);
    member.services().stream().sorted().forEach(node.putArray("services")::add);
    node.put("peer", member.peer())
        .put("admin", member.admin())
        .put("weight", member.weight())
        .put("version", member.version())
        .put("started", member.started().toString());
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws MembershipException if the bytes are no member
   */
  static Member decode(byte[] bytes) {
    try {
      JsonNode node = JSON.readTree(bytes);
      List<String> portals = new ArrayList<>();
      node.required("portals").forEach(portal -> portals.add(portal.asText()));
      Set<String> services = new HashSet<>();
      node.path("services").forEach(service -> services.add(service.asText()));
      return new Member(
          new ServerId(node.required("id").asText()),
          UUID.fromString(node.required("dataId").asText()),
          portals,
          node.required("peer").asText(),
          node.required("admin").asText(),
          node.path("weight").asDouble(1),
          services,
          node.required("version").asText(),
          Instant.parse(node.required("started").asText()));
    } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
      throw new MembershipException("a member's record in ZooKeeper can't be read: " + e, e);
    }
  }
}
