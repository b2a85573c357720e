package io.sandrift.volume.repartition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import java.util.ArrayList;
import java.util.List;

/** A {@link Plan} as JSON: what the admin API gives, and what is kept in a file. */
public final class PlanJson {

  /** The format that this version writes, and the newest that it reads. */
  private static final int FORMAT = 1;

  private PlanJson() {}

  public static ObjectNode encode(Plan plan) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("format", FORMAT)
            .put("purpose", plan.purpose())
            .put("bytes", plan.bytes())
            .put("leastBytes", plan.leastBytes());
    ArrayNode moves = node.putArray("moves");
    for (Move move : plan.moves()) {
      moves
          .addObject()
          .put("volume", move.volume().value())
          .put("volumeId", move.volumeId().toString())
          .put("partition", move.partition())
          .put("from", move.from().value())
          .put("to", move.to().value())
          .put("bytes", move.bytes());
    }
    ArrayNode effects = node.putArray("servers");
    for (ServerEffect effect : plan.effects()) {
      effects
          .addObject()
          .put("server", effect.server().value())
          .put("partitionsBefore", effect.partitionsBefore())
          .put("partitionsAfter", effect.partitionsAfter())
          .put("usedBytesBefore", effect.usedBytesBefore())
          .put("usedBytesAfter", effect.usedBytesAfter())
          .put("capacityBytes", effect.capacityBytes())
          .put("pressureBefore", effect.pressureBefore())
          .put("pressureAfter", effect.pressureAfter());
    }
    return node;
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws IllegalArgumentException if it is no plan, or one of a newer format; the message says
   *     what was expected
   */
  public static Plan decode(JsonNode node) {
    int format = node.path("format").asInt(0);
    if (format < 1) {
      throw new IllegalArgumentException(
          "this is no repartition plan; expected what 'sandrift repartition plan --save' writes");
    }
    if (format > FORMAT) {
      throw new IllegalArgumentException(
          "the plan has format "
              + format
              + ", this version reads up to "
              + FORMAT
              + "; use the version that wrote it, or a newer one");
    }
    try {
      List<Move> moves = new ArrayList<>();
      for (JsonNode move : node.required("moves")) {
        moves.add(
            new Move(
                new VolumeName(move.required("volume").asText()),
                VolumeId.parse(move.required("volumeId").asText()),
                move.required("partition").asInt(-1),
                new ServerId(move.required("from").asText()),
                new ServerId(move.required("to").asText()),
                move.required("bytes").asLong(-1)));
      }
      List<ServerEffect> effects = new ArrayList<>();
      for (JsonNode effect : node.path("servers")) {
        effects.add(
            new ServerEffect(
                new ServerId(effect.required("server").asText()),
                effect.path("partitionsBefore").asInt(),
                effect.path("partitionsAfter").asInt(),
                effect.path("usedBytesBefore").asLong(),
                effect.path("usedBytesAfter").asLong(),
                effect.path("capacityBytes").asLong(),
                effect.path("pressureBefore").asDouble(),
                effect.path("pressureAfter").asDouble()));
      }
      return new Plan(
          node.path("purpose").asText(), moves, node.path("leastBytes").asLong(), effects);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the plan can't be read: " + e.getMessage(), e);
    }
  }
}
