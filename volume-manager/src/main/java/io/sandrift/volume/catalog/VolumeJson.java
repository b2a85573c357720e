package io.sandrift.volume.catalog;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/** A {@link Volume} as the JSON that its znode holds; the version is the znode's own. */
final class VolumeJson {

  /** The format that this version writes, and the newest that it reads. */
  static final int FORMAT = 1;

  private static final ObjectMapper JSON = new ObjectMapper();

  private VolumeJson() {}

  static byte[] encode(Volume volume) {
    VolumeSpec spec = volume.spec();
    return JSON.createObjectNode()
        .put("format", FORMAT)
        .put("id", volume.id().toString())
        .put("name", spec.name().value())
        .put("sizeBytes", spec.sizeBytes())
        .put("blockBytes", spec.blockBytes())
        .put("stripeUnitBytes", spec.stripeUnitBytes())
        .put("partitions", spec.partitions())
        .put("serviceClass", spec.serviceClass())
        .put("created", volume.created().toString())
        .toString()
        .getBytes(StandardCharsets.UTF_8);
  }

  /**
   * @throws CatalogException if the bytes are no volume, or one of a newer format
   */
  static Volume decode(byte[] bytes, int version) {
    try {
      JsonNode node = JSON.readTree(bytes);
      int format = node.required("format").asInt();
      if (format > FORMAT) {
        throw new CatalogException(
            "a volume's record has format "
                + format
                + ", this version reads up to "
                + FORMAT
                + "; run the version that wrote it, or a newer one");
      }
      VolumeSpec spec =
          new VolumeSpec(
              new VolumeName(node.required("name").asText()),
              node.required("sizeBytes").asLong(),
              node.required("blockBytes").asInt(),
              node.required("stripeUnitBytes").asInt(),
              node.required("partitions").asInt(),
              node.required("serviceClass").asText());
      return new Volume(
          VolumeId.parse(node.required("id").asText()),
          spec,
          Instant.parse(node.required("created").asText()),
          version);
    } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
      throw new CatalogException("a volume's record in ZooKeeper can't be read: " + e, e);
    }
  }
}
