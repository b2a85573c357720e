package io.sandrift.acceptance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Holds values against the schemas of an OpenAPI document: as much of JSON Schema as that document
 * uses, and stricter in one thing, so that nothing is answered that isn't described: an object has
 * no properties but those that its schema names, unless that says {@code additionalProperties}.
 */
final class OpenApiCheck {

  private final JsonNode document;

  OpenApiCheck(JsonNode document) {
    this.document = document;
  }

  /** The document's operation; missing if it has none. */
  JsonNode operation(String method, String path) {
    return document.path("paths").path(path).path(method);
  }

  /** What is wrong with an answer, a line each. */
  List<String> answer(String method, String path, int status, String contentType, JsonNode body) {
    JsonNode responses = operation(method, path).path("responses");
    JsonNode response =
        resolved(
            responses.has("" + status) ? responses.path("" + status) : responses.path("default"));
    String type = contentType.split(";", 2)[0];
    String place = method + " " + path + " " + status;
    if (!responses.has("" + status) && status < 400) {
      return List.of(place + ": not described");
    }
    if (!response.path("content").has(type)) {
      return List.of(place + ": " + type + " is not described");
    }
    List<String> wrong = new ArrayList<>();
    check(response.path("content").path(type).path("schema"), body, place, wrong);
    return wrong;
  }

  /** What is wrong with the document's own examples. */
  List<String> examples() {
    List<String> wrong = new ArrayList<>();
    examples(document, "", wrong);
    return wrong;
  }

  private void examples(JsonNode node, String place, List<String> wrong) {
    if (node.has("example") && node.has("schema")) {
      check(node.path("schema"), node.path("example"), place, wrong);
    } else if (node.has("example") && node.has("type")) {
      check(node, node.path("example"), place, wrong);
    }
    for (Map.Entry<String, JsonNode> part : node.properties()) {
      if (!part.getKey().equals("example")) {
        examples(part.getValue(), place + "/" + part.getKey(), wrong);
      }
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      examples(node.path(i), place + "/" + i, wrong);
    }
  }

  private void check(JsonNode reference, JsonNode value, String place, List<String> wrong) {
    JsonNode schema = resolved(reference);
    if (schema.isMissingNode()) {
      wrong.add(place + ": no schema (" + reference + ")");
      return;
    }
    if (schema.has("oneOf")) {
      oneOf(schema.path("oneOf"), value, place, wrong);
      return;
    }
    if (!isOfType(schema.path("type"), value)) {
      wrong.add(place + ": " + value + " is not of type " + schema.path("type"));
      return;
    }
    if (schema.has("enum") && !contains(schema.path("enum"), value)) {
      wrong.add(place + ": " + value + " is none of " + schema.path("enum"));
    }
    if (value.isNumber()
        && (value.asDouble() < schema.path("minimum").asDouble(Double.NEGATIVE_INFINITY)
            || value.asDouble() > schema.path("maximum").asDouble(Double.POSITIVE_INFINITY))) {
      wrong.add(place + ": " + value + " is out of range");
    }
    if (schema.path("format").asText().equals("date-time") && !isTime(value)) {
      wrong.add(place + ": " + value + " is no time");
    }
    for (int i = 0; value.isArray() && i < value.size(); i++) {
      check(schema.path("items"), value.path(i), place + "/" + i, wrong);
    }
    if (value.isObject()) {
      object(schema, value, place, wrong);
    }
  }

  private void oneOf(JsonNode schemas, JsonNode value, String place, List<String> wrong) {
    int matching = 0;
    for (JsonNode each : schemas) {
      List<String> problems = new ArrayList<>();
      check(each, value, place, problems);
      matching += problems.isEmpty() ? 1 : 0;
    }
    if (matching != 1) {
      wrong.add(place + ": " + value + " matches " + matching + " of " + schemas);
    }
  }

  private void object(JsonNode schema, JsonNode value, String place, List<String> wrong) {
    for (JsonNode required : schema.path("required")) {
      if (!value.has(required.asText())) {
        wrong.add(place + ": '" + required.asText() + "' is missing");
      }
    }
    JsonNode properties = schema.path("properties");
    JsonNode others = schema.path("additionalProperties");
    for (Map.Entry<String, JsonNode> property : value.properties()) {
      String name = property.getKey();
      if (properties.has(name)) {
        check(properties.path(name), property.getValue(), place + "/" + name, wrong);
      } else if (others.isObject()) {
        check(others, property.getValue(), place + "/" + name, wrong);
      } else if (!others.asBoolean(false)) {
        wrong.add(place + ": '" + name + "' is not described");
      }
    }
  }

  private JsonNode resolved(JsonNode node) {
    JsonNode found = node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
    return found.has("allOf") ? together(found.path("allOf")) : found;
  }

  /** One object that has the properties of all. */
  private JsonNode together(JsonNode schemas) {
    ObjectNode whole = JsonNodeFactory.instance.objectNode().put("type", "object");
    for (JsonNode each : schemas) {
      JsonNode part = resolved(each);
      whole.withObject("/properties").setAll((ObjectNode) part.path("properties"));
      part.path("required").forEach(whole.withArray("/required")::add);
    }
    return whole;
  }

  private static boolean isOfType(JsonNode type, JsonNode value) {
    if (type.isMissingNode()) {
      return true;
    }
    if (type.isArray()) {
      for (JsonNode each : type) {
        if (isOfType(each, value)) {
          return true;
        }
      }
      return false;
    }
    return switch (type.asText()) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> false;
    };
  }

  private static boolean contains(JsonNode list, JsonNode value) {
    for (JsonNode each : list) {
      if (each.equals(value)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTime(JsonNode value) {
    try {
      Instant.parse(value.asText());
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }
}
