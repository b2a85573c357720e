package io.sandrift.volume.partition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link PartitionMap} as JSON. Servers are named once, in a list, and entries give their numbers
 * there: {@code [epoch, [replicas], [in sync]]}. So the largest map, 1024 partitions, stays two
 * orders of magnitude below ZooKeeper's limit for a znode.
 */
final class PartitionMapJson {

  /** The format that this version writes, and the newest that it reads. */
  static final int FORMAT = 1;

  /** What ZooKeeper accepts as one znode's data by default (jute.maxbuffer). */
  static final int MAX_BYTES = 0xfffff;

  private static final ObjectMapper JSON = new ObjectMapper();

  private PartitionMapJson() {}

  /**
   * @throws CatalogException if the map is too large for a znode
   */
  static byte[] encode(PartitionMap map) {
    Map<ServerId, Integer> numbers = new LinkedHashMap<>();
    ObjectNode node =
        JSON.createObjectNode().put("format", FORMAT).put("volume", map.volume().toString());
    ArrayNode servers = node.putArray("servers");
    ArrayNode entries = node.putArray("entries");
    for (PartitionEntry entry : map.entries()) {
      ArrayNode encoded = entries.addArray().add(entry.epoch());
      for (List<ServerId> list : List.of(entry.replicas(), entry.inSync())) {
        ArrayNode references = encoded.addArray();
        for (ServerId server : list) {
          Integer number = numbers.get(server);
          if (number == null) {
            number = numbers.size();
            numbers.put(server, number);
            servers.add(server.value());
          }
          references.add(number);
        }
      }
    }
    byte[] bytes = node.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length >= MAX_BYTES) {
      throw new CatalogException(
          "the partition map of volume "
              + map.volume()
              + " takes "
              + bytes.length
              + " bytes, ZooKeeper holds less than "
              + MAX_BYTES
              + "; use fewer partitions or replicas");
    }
    return bytes;
  }

  /**
   * @throws CatalogException if the bytes are no partition map, or one of a newer format
   */
  static PartitionMap decode(byte[] bytes, int version) {
    try {
      JsonNode node = JSON.readTree(bytes);
      int format = node.required("format").asInt();
      if (format > FORMAT) {
        throw new CatalogException(
            "a partition map has format "
                + format
                + ", this version reads up to "
                + FORMAT
                + "; run the version that wrote it, or a newer one");
      }
      List<ServerId> servers = new ArrayList<>();
      node.required("servers").forEach(server -> servers.add(new ServerId(server.asText())));
      List<PartitionEntry> entries = new ArrayList<>();
      for (JsonNode entry : node.required("entries")) {
        entries.add(
            new PartitionEntry(
                entry.required(0).asLong(),
                referenced(entry.required(1), servers),
                referenced(entry.required(2), servers)));
      }
      return new PartitionMap(VolumeId.parse(node.required("volume").asText()), version, entries);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new CatalogException("a partition map in ZooKeeper can't be read: " + e, e);
    }
  }

  private static List<ServerId> referenced(JsonNode numbers, List<ServerId> servers) {
    List<ServerId> referenced = new ArrayList<>();
    numbers.forEach(number -> referenced.add(servers.get(number.asInt(-1))));
    return referenced;
  }
}
