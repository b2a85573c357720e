package io.sandrift.server.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The fields of a request's JSON object. What is missing or of another type is a {@link Problem}
 * 422 that names the field.
 */
public final class RequestBody {

  private static final ObjectMapper JSON = strictMapper();
  private static final int SHOWN = 1000;
  private static final Pattern SECRET =
      Pattern.compile("secret|token|password", Pattern.CASE_INSENSITIVE);

  private final JsonNode node;

  private RequestBody(JsonNode node) {
    this.node = node;
  }

  /**
   * @throws Problem 400 if the bytes are no JSON object with known fields
   */
  static RequestBody parse(byte[] body, Set<String> fields) {
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
            400,
            "unknown field '"
                + Exchange.shortened(name)
                + "'; expected "
                + (fields.isEmpty() ? "none" : "only " + sorted(fields)));
      }
    }
    return new RequestBody(node);
  }

  /** Whether the field is there, and not null. */
  public boolean has(String field) {
    return node.hasNonNull(field);
  }

  /** The field as it stands; a missing node if it isn't there. */
  public JsonNode raw(String field) {
    return node.path(field);
  }

  public String text(String field) {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw new Problem(422, "field '" + field + "' is missing or no string");
    }
    return value.textValue();
  }

  public String text(String field, String fallback) {
    return node.has(field) ? text(field) : fallback;
  }

  public long integer(String field) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new Problem(
          422, "field '" + field + "' is missing or no integer from 0 to 9223372036854775807");
    }
    return value.longValue();
  }

  public long integer(String field, long fallback) {
    return node.has(field) ? integer(field) : fallback;
  }

  /** An integer from 0 on. */
  public long amount(String field) {
    long value = integer(field);
    if (value < 0) {
      throw new Problem(422, "field '" + field + "' is " + value + "; expected 0 or more");
    }
    return value;
  }

  public long amount(String field, long fallback) {
    return node.has(field) ? amount(field) : fallback;
  }

  public int int32(String field, int fallback) {
    long value = integer(field, fallback);
    if (value != (int) value) {
      throw new Problem(422, "field '" + field + "' is " + value + ", far out of range");
    }
    return (int) value;
  }

  public boolean bool(String field, boolean fallback) {
    if (!node.has(field)) {
      return fallback;
    }
    if (!node.path(field).isBoolean()) {
      throw new Problem(422, "field '" + field + "' is neither true nor false");
    }
    return node.path(field).booleanValue();
  }

  /** A list of strings; empty if the field isn't there. */
  public List<String> texts(String field) {
    List<String> values = new ArrayList<>();
    if (!node.has(field)) {
      return values;
    }
    if (!node.path(field).isArray()) {
      throw new Problem(422, "field '" + field + "' is no list");
    }
    for (JsonNode element : node.path(field)) {
      if (!element.isTextual()) {
        throw new Problem(422, "field '" + field + "' has an element that is no string");
      }
      values.add(element.textValue());
    }
    return values;
  }

  /** The object as text, for people: at most {@link #SHOWN} characters, and no secrets. */
  String shown() {
    ObjectNode copy = node.deepCopy();
    copy.properties()
        .forEach(
            entry -> {
              if (SECRET.matcher(entry.getKey()).find()) {
                entry.setValue(TextNode.valueOf("(hidden)"));
              }
            });
    String text = copy.toString();
    return text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
  }

  private static String sorted(Set<String> fields) {
    return String.join(", ", fields.stream().sorted().toList());
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
