package io.sandrift.server.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import java.io.IOException;
import java.util.Iterator;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the bodies of requests on volumes: strictly, so that a mistyped field is never ignored. */
final class VolumeRequest {

  private static final Set<String> CREATE_FIELDS =
      Set.of("name", "sizeBytes", "blockBytes", "stripeUnitBytes", "partitions", "serviceClass");
  private static final Set<String> RESIZE_FIELDS = Set.of("sizeBytes");

  private static final ObjectMapper JSON = strictMapper();

  private VolumeRequest() {}

  /**
   * @throws Problem 400 if the body is no JSON object with known fields, 422 if a value isn't
   *     accepted
   */
  static VolumeSpec create(byte[] body) {
    JsonNode node = object(body, CREATE_FIELDS);
    try {
      return new VolumeSpec(
          new VolumeName(text(node, "name", null)),
          integer(node, "sizeBytes", null),
          int32(node, "blockBytes", VolumeSpec.DEFAULT_BLOCK_BYTES),
          int32(node, "stripeUnitBytes", VolumeSpec.DEFAULT_STRIPE_UNIT_BYTES),
          int32(node, "partitions", VolumeSpec.DEFAULT_PARTITIONS),
          text(node, "serviceClass", VolumeSpec.DEFAULT_SERVICE_CLASS));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
  }

  /** The new size in bytes; problems as {@link #create}. */
  static long resize(byte[] body) {
    return integer(object(body, RESIZE_FIELDS), "sizeBytes", null);
  }

  private static JsonNode object(byte[] body, Set<String> fields) {
    JsonNode node;
    try {
      node = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new Problem(
          400,
          "the body is no valid JSON: " + e.getOriginalMessage().lines().findFirst().orElse(""));
    } catch (IOException e) {
      throw new Problem(400, "the body can't be read: " + e);
    }
    if (!node.isObject()) {
      throw new Problem(400, "the body is no JSON object; expected one with " + sorted(fields));
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!fields.contains(name)) {
        throw new Problem(
            400, "unknown field '" + shortened(name) + "'; expected only " + sorted(fields));
      }
    }
    return node;
  }

  private static String text(JsonNode node, String field, @Nullable String fallback) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() && fallback != null) {
      return fallback;
    }
    if (!value.isTextual()) {
      throw new Problem(422, "field '" + field + "' is missing or no string");
    }
    return value.textValue();
  }

  private static long integer(JsonNode node, String field, @Nullable Long fallback) {
    JsonNode value = node.path(field);
    if (value.isMissingNode() && fallback != null) {
      return fallback;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new Problem(
          422, "field '" + field + "' is missing or no integer from 0 to 9223372036854775807");
    }
    return value.longValue();
  }

  private static int int32(JsonNode node, String field, int fallback) {
    long value = integer(node, field, (long) fallback);
    if (value != (int) value) {
      throw new Problem(422, "field '" + field + "' is " + value + ", far out of range");
    }
    return (int) value;
  }

  private static String sorted(Set<String> fields) {
    return String.join(", ", fields.stream().sorted().toList());
  }

  private static String shortened(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }

  private static ObjectMapper strictMapper() {
    JsonMapper mapper =
        JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    mapper
        .getFactory()
        .setStreamReadConstraints(
            StreamReadConstraints.builder().maxNestingDepth(20).maxNumberLength(100).build());
    return mapper;
  }
}
