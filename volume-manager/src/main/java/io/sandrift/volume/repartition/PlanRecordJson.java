package io.sandrift.volume.repartition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** {@link PlanRecord}s and {@link MoveReport}s as the bytes of a znode: JSON, compressed. */
final class PlanRecordJson {

  /** What ZooKeeper accepts as one znode's data by default (jute.maxbuffer). */
  static final int MAX_BYTES = 0xfffff;

  /** Longer ones aren't ours. */
  private static final int MAX_PLAIN_BYTES = 64 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private PlanRecordJson() {}

  /**
   * @throws CatalogException if the plan is too large for a znode
   */
  static byte[] encode(PlanRecord record) {
    ObjectNode node =
        JSON.createObjectNode()
            .put("id", record.id())
            .put("state", record.state().name())
            .put("bytesPerSecond", record.bytesPerSecond())
            .put("by", record.by())
            .put("created", record.created().toString())
            .put("note", record.note());
    if (record.ended() != null) {
      node.put("ended", record.ended().toString());
    }
    node.set("plan", PlanJson.encode(record.plan()));
    byte[] bytes = compressed(node);
    if (bytes.length >= MAX_BYTES) {
      throw new CatalogException(
          "the plan has "
              + record.plan().moves().size()
              + " moves, too many to be kept in ZooKeeper; plan for fewer volumes at a time, with"
              + " --volume");
    }
    return bytes;
  }

  static PlanRecord decode(byte[] bytes, int version) {
    try {
      JsonNode node = plain(bytes);
      return new PlanRecord(
          node.required("id").asLong(),
          PlanJson.decode(node.required("plan")),
          PlanState.valueOf(node.required("state").asText()),
          node.path("bytesPerSecond").asLong(),
          node.path("by").asText(),
          Instant.parse(node.required("created").asText()),
          node.hasNonNull("ended") ? Instant.parse(node.path("ended").asText()) : null,
          node.path("note").asText(),
          version);
    } catch (IOException | IllegalArgumentException | DateTimeParseException e) {
      throw new CatalogException("a repartition plan in ZooKeeper can't be read: " + e, e);
    }
  }

  static byte[] encode(MoveReport report) {
    return compressed(
        JSON.createObjectNode()
            .put("server", report.server().value())
            .put("activity", report.activity())
            .put("copiedBytes", report.copiedBytes())
            .put("totalBytes", report.totalBytes())
            .put("bytesPerSecond", report.bytesPerSecond()));
  }

  static MoveReport decodeReport(byte[] bytes) {
    try {
      JsonNode node = plain(bytes);
      return new MoveReport(
          new ServerId(node.required("server").asText()),
          node.path("activity").asText(),
          node.path("copiedBytes").asLong(),
          node.path("totalBytes").asLong(),
          node.path("bytesPerSecond").asDouble());
    } catch (IOException | IllegalArgumentException e) {
      throw new CatalogException("a repartition report in ZooKeeper can't be read: " + e, e);
    }
  }

  private static byte[] compressed(JsonNode node) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(JSON.writeValueAsBytes(node));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static JsonNode plain(byte[] bytes) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return JSON.readTree(in.readNBytes(MAX_PLAIN_BYTES));
    }
  }
}
