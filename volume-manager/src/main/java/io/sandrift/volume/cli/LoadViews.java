package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** The admin API's load as tables. */
final class LoadViews {

  private static final int BAR = 20;

  private LoadViews() {}

  static TextTable servers(JsonNode load) {
    TextTable table =
        TextTable.headed(
            "SERVER",
            "STATE",
            "PRESSURE",
            "",
            "LIMITED BY",
            "SESSIONS",
            "IN FLIGHT",
            "KNEE",
            "OPS/S",
            "MB/S",
            "P99",
            "CPU");
    for (JsonNode server : load.path("servers")) {
      double pressure = server.path("pressure").asDouble();
      table.row(
          server.path("server").asText(),
          state(server),
          decimals(pressure, 2),
          bar(pressure),
          pressure > 0 ? server.path("limitedBy").asText() : "-",
          server.path("sessions").asText("0"),
          decimals(server.path("inFlight").asDouble(), 1),
          decimals(server.path("knee").asDouble(), 0),
          decimals(
              server.path("readsPerSecond").asDouble() + server.path("writesPerSecond").asDouble(),
              0),
          decimals(
              (server.path("readBytesPerSecond").asDouble()
                      + server.path("writtenBytesPerSecond").asDouble())
                  / 1e6,
              1),
          millis(server.path("latencyP99Micros").asDouble()),
          decimals(100 * server.path("cpu").asDouble(), 0) + "%");
    }
    return table;
  }

  static TextTable nodes(JsonNode load) {
    TextTable table = TextTable.headed("NODE", "LOAD", "INSTANCE", "STATUS", "RATING");
    for (JsonNode node : load.path("nodes")) {
      for (JsonNode instance : node.path("instances")) {
        table.row(
            node.path("node").asText(),
            decimals(node.path("load").asDouble(), 2),
            instance.path("server").asText(),
            instance.path("status").asText(),
            decimals(instance.path("rating").asDouble(), 2));
      }
    }
    return table;
  }

  static String system(JsonNode load) {
    return "System: mean pressure "
        + decimals(load.path("mean").asDouble(), 2)
        + ", largest "
        + decimals(load.path("max").asDouble(), 2)
        + ", imbalance "
        + decimals(load.path("imbalance").asDouble(), 2)
        + " (1 is balanced)";
  }

  private static String state(JsonNode server) {
    String liveness = server.path("liveness").asText();
    return server.path("draining").asBoolean() ? liveness + ", draining" : liveness;
  }

  private static String bar(double pressure) {
    int full = (int) Math.round(BAR * Math.min(1, Math.max(0, pressure)));
    return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
  }

  private static String millis(double micros) {
    return micros <= 0 ? "-" : decimals(micros / 1000, 2) + " ms";
  }

  private static String decimals(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }
}
