package io.sandrift.load.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A {@link Sample} as JSON, for gossip and service messages. Numbers keep five significant digits.
 * Fields that a newer version added are ignored, and those that an older one doesn't know are 0.
 */
public final class SampleJson {

  /** No sample is longer, and no longer one is read. */
  public static final int MAX_BYTES = 64 << 10;

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final MathContext FIVE_DIGITS = new MathContext(5);
  private static final int MAX_TEXT = 256;
  private static final int MAX_LOCALITY = 64;

  private SampleJson() {}

  /**
   * Encodes a sample in at most {@code maxBytes}; the lightest resources and sessions are left out
   * until it fits. Without any of them a sample takes less than 1 KiB.
   */
  public static byte[] encode(Sample sample, int maxBytes) {
    List<ObjectNode> resources = sample.resources().stream().map(SampleJson::resource).toList();
    List<ObjectNode> clients = sample.clients().stream().map(SampleJson::client).toList();
    ObjectNode numbers = numbers(sample);
    int left = maxBytes - length(numbers) - "\"resources\":[],\"clients\":[],".length();
    // Each list may have half, and what the other doesn't need.
    int resourceBytes = resources.stream().mapToInt(SampleJson::length).sum();
    int clientBytes = clients.stream().mapToInt(SampleJson::length).sum();
    int forResources = Math.max(left / 2, left - clientBytes);
    fill(numbers.putArray("resources"), resources, forResources);
    fill(numbers.putArray("clients"), clients, left - Math.min(resourceBytes, forResources));
    return numbers.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** Reads what {@link #encode} wrote, here or in another version. */
  public static Sample decode(byte[] bytes) throws SampleFormatException {
    if (bytes.length > MAX_BYTES) {
      throw new SampleFormatException(
          "a sample of " + bytes.length + " bytes; at most " + MAX_BYTES + " are read");
    }
    try {
      return decode(JSON.readTree(bytes));
    } catch (IOException e) {
      throw new SampleFormatException("a sample that is no JSON: " + e.getMessage(), e);
    }
  }

  /** Reads a sample that is a part of a larger message. */
  public static Sample decode(JsonNode node) throws SampleFormatException {
    try {
      List<ResourceLoad> resources = new ArrayList<>();
      for (JsonNode resource : node.path("resources")) {
        resources.add(
            new ResourceLoad(
                text(resource, "name"),
                number(resource, "ops"),
                number(resource, "bytes"),
                number(resource, "queue")));
      }
      List<SessionLoad> clients = new ArrayList<>();
      for (JsonNode client : node.path("clients")) {
        clients.add(client(client));
      }
      double knee = number(node, "knee");
      return new Sample(
          new ServerId(text(node, "server")),
          node.path("sequence").asLong(),
          Instant.parse(text(node, "at")),
          Duration.ofMillis(node.path("windowMillis").asLong()),
          node.path("sessions").asInt(),
          number(node, "inFlight"),
          knee > 0 ? knee : 1,
          number(node, "reads"),
          number(node, "writes"),
          number(node, "readBytes"),
          number(node, "writtenBytes"),
          number(node, "p50Micros"),
          number(node, "p99Micros"),
          number(node, "unloadedP99Micros"),
          number(node, "cpu"),
          number(node, "network"),
          node.path("dirtyBytes").asLong(),
          number(node, "flushMillis"),
          number(node, "storeStalled"),
          number(node, "gcPause"),
          node.path("usedBytes").asLong(),
          node.path("capacityBytes").asLong(),
          resources,
          clients);
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new SampleFormatException("a sample that can't be: " + e.getMessage(), e);
    }
  }

  /** A sample as a part of a larger message, at most {@code maxBytes} long. */
  public static JsonNode tree(Sample sample, int maxBytes) {
    try {
      return JSON.readTree(encode(sample, maxBytes));
    } catch (IOException e) {
      throw new IllegalStateException("what was just encoded can't be read", e);
    }
  }

  private static ObjectNode numbers(Sample sample) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("server", sample.server().value())
        .put("sequence", sample.sequence())
        .put("at", Instant.ofEpochMilli(sample.takenAt().toEpochMilli()).toString())
        .put("windowMillis", sample.window().toMillis())
        .put("sessions", sample.sessions());
    put(node, "inFlight", sample.inFlight());
    put(node, "knee", sample.knee());
    put(node, "reads", sample.readsPerSecond());
    put(node, "writes", sample.writesPerSecond());
    put(node, "readBytes", sample.readBytesPerSecond());
    put(node, "writtenBytes", sample.writtenBytesPerSecond());
    put(node, "p50Micros", sample.latencyP50Micros());
    put(node, "p99Micros", sample.latencyP99Micros());
    put(node, "unloadedP99Micros", sample.unloadedP99Micros());
    put(node, "cpu", sample.cpu());
    put(node, "network", sample.network());
    node.put("dirtyBytes", sample.dirtyBytes());
    put(node, "flushMillis", sample.flushMillis());
    put(node, "storeStalled", sample.storeStalled());
    put(node, "gcPause", sample.gcPause());
    return node.put("usedBytes", sample.usedBytes()).put("capacityBytes", sample.capacityBytes());
  }

  private static ObjectNode resource(ResourceLoad load) {
    ObjectNode node = JsonNodeFactory.instance.objectNode().put("name", bounded(load.resource()));
    put(node, "ops", load.operationsPerSecond());
    put(node, "bytes", load.bytesPerSecond());
    put(node, "queue", load.queue());
    return node;
  }

  private static ObjectNode client(SessionLoad load) {
    ObjectNode node =
        JsonNodeFactory.instance
            .objectNode()
            .put("session", bounded(load.session()))
            .put("client", bounded(load.client()))
            .put("service", bounded(load.service()))
            .put("since", Instant.ofEpochMilli(load.since().toEpochMilli()).toString());
    put(node, "ops", load.operationsPerSecond());
    put(node, "bytes", load.bytesPerSecond());
    put(node, "queue", load.queue());
    ObjectNode locality = node.putObject("locality");
    load.locality().entrySet().stream()
        .sorted(Map.Entry.<ServerId, Double>comparingByValue().reversed())
        .limit(MAX_LOCALITY)
        .forEach(share -> put(locality, share.getKey().value(), share.getValue()));
    return node;
  }

  private static SessionLoad client(JsonNode node) {
    Map<ServerId, Double> locality = new HashMap<>();
    node.path("locality")
        .properties()
        .forEach(share -> locality.put(new ServerId(share.getKey()), finite(share.getValue())));
    return new SessionLoad(
        text(node, "session"),
        text(node, "client"),
        text(node, "service"),
        Instant.parse(text(node, "since")),
        number(node, "ops"),
        number(node, "bytes"),
        number(node, "queue"),
        locality);
  }

  private static void fill(ArrayNode array, List<ObjectNode> from, int bytes) {
    int left = bytes;
    for (ObjectNode node : from) {
      left -= length(node);
      if (left < 0) {
        return;
      }
      array.add(node);
    }
  }

  /** Its bytes, and a comma's. */
  private static int length(ObjectNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8).length + 1;
  }

  private static void put(ObjectNode node, String name, double value) {
    double kept =
        Double.isFinite(value) ? BigDecimal.valueOf(value).round(FIVE_DIGITS).doubleValue() : 0;
    if (kept == Math.rint(kept) && Math.abs(kept) < 1e15) {
      node.put(name, (long) kept);
    } else {
      node.put(name, kept);
    }
  }

  private static String text(JsonNode node, String name) {
    return node.required(name).asText();
  }

  private static double number(JsonNode node, String name) {
    return finite(node.path(name));
  }

  private static double finite(JsonNode node) {
    double value = node.asDouble();
    return Double.isFinite(value) ? Math.max(0, value) : 0;
  }

  private static String bounded(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
