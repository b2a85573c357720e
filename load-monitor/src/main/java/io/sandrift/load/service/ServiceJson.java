package io.sandrift.load.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.SampleFormatException;
import io.sandrift.load.sample.SampleJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Service messages and node reports as JSON, one line each. Fields that a newer version added are
 * ignored.
 */
final class ServiceJson {

  /** No line is longer. */
  static final int MAX_BYTES = 64 << 10;

  /** What a message leaves the sample: it needs no long lists. */
  private static final int SAMPLE_BYTES = 8 << 10;

  private static final int MAX_SERVICES = 64;
  private static final ObjectMapper JSON = new ObjectMapper();

  private ServiceJson() {}

  static byte[] encode(ServiceMessage message) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("instance", message.instance().value())
            .put("status", message.status().name());
    services(node, message.services());
    node.set("sample", SampleJson.tree(message.sample(), SAMPLE_BYTES));
    return bytes(node);
  }

  static ServiceMessage message(byte[] bytes) throws ServiceFormatException {
    try {
      JsonNode node = read(bytes);
      return new ServiceMessage(
          new ServerId(node.required("instance").asText()),
          OperationalStatus.valueOf(node.required("status").asText()),
          services(node),
          SampleJson.decode(node.required("sample")));
    } catch (SampleFormatException | IllegalArgumentException e) {
      throw new ServiceFormatException("no service message: " + e.getMessage(), e);
    }
  }

  static byte[] encode(NodeReport report) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("node", report.node())
            .put("at", report.at().toString())
            .put("load", report.load());
    ArrayNode instances = node.putArray("instances");
    for (InstanceRating instance : report.instances()) {
      ObjectNode one =
          instances
              .addObject()
              .put("instance", instance.instance().value())
              .put("status", instance.status().name())
              .put("pressure", instance.pressure())
              .put("rating", instance.rating());
      services(one, instance.services());
    }
    return bytes(node);
  }

  static NodeReport report(byte[] bytes) throws ServiceFormatException {
    try {
      JsonNode node = read(bytes);
      List<InstanceRating> instances = new ArrayList<>();
      for (JsonNode one : node.path("instances")) {
        instances.add(
            new InstanceRating(
                new ServerId(one.required("instance").asText()),
                OperationalStatus.valueOf(one.required("status").asText()),
                services(one),
                one.path("pressure").asDouble(),
                one.path("rating").asDouble()));
      }
      return new NodeReport(
          node.required("node").asText(),
          Instant.parse(node.required("at").asText()),
          node.path("load").asDouble(),
          instances);
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new ServiceFormatException("no report of a node: " + e.getMessage(), e);
    }
  }

  private static void services(ObjectNode node, Set<String> services) {
    services.stream().sorted().limit(MAX_SERVICES).forEach(node.putArray("services")::add);
  }

  private static Set<String> services(JsonNode node) {
    Set<String> services = new HashSet<>();
    node.path("services").forEach(service -> services.add(service.asText()));
    return services;
  }

  private static byte[] bytes(ObjectNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static JsonNode read(byte[] bytes) throws ServiceFormatException {
    if (bytes.length > MAX_BYTES) {
      throw new ServiceFormatException(bytes.length + " bytes; at most " + MAX_BYTES + " are read");
    }
    try {
      return JSON.readTree(bytes);
    } catch (IOException e) {
      throw new ServiceFormatException("no JSON: " + e.getMessage(), e);
    }
  }
}
