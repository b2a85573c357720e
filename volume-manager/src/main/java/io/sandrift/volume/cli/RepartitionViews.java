package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.ByteSize;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Plans as people read them. */
final class RepartitionViews {

  /** A plan's table has no more rows than this; the whole plan is in its JSON. */
  private static final int SHOWN_MOVES = 40;

  private RepartitionViews() {}

  static void plan(PrintWriter out, JsonNode plan) {
    JsonNode moves = plan.path("moves");
    if (moves.isEmpty()) {
      out.println("Nothing has to move (" + plan.path("purpose").asText() + ").");
      out.flush();
      return;
    }
    TextTable table = TextTable.headed("VOLUME", "PARTITION", "FROM", "TO", "BYTES");
    for (int i = 0; i < Math.min(SHOWN_MOVES, moves.size()); i++) {
      JsonNode move = moves.get(i);
      table.row(
          move.path("volume").asText(),
          move.path("partition").asText(),
          move.path("from").asText(),
          move.path("to").asText(),
          size(move.path("bytes")));
    }
    table.print(out);
    if (moves.size() > SHOWN_MOVES) {
      out.println("... and " + (moves.size() - SHOWN_MOVES) + " more; -o json shows all.");
    }
    out.println();
    effects(out, plan);
    out.println();
    TextTable.ofPairs()
        .row("Purpose", plan.path("purpose").asText())
        .row("Moves", Integer.toString(moves.size()))
        .row("Bytes", size(plan.path("bytes")))
        .row("Least possible", size(plan.path("leastBytes")))
        .row("Expected time", time(plan))
        .print(out);
  }

  private static void effects(PrintWriter out, JsonNode plan) {
    TextTable table = TextTable.headed("SERVER", "PARTITIONS", "USED", "FULL", "PRESSURE");
    for (JsonNode server : plan.path("servers")) {
      long capacity = server.path("capacityBytes").asLong();
      table.row(
          server.path("server").asText(),
          server.path("partitionsBefore").asText()
              + " -> "
              + server.path("partitionsAfter").asText(),
          size(server.path("usedBytesBefore")) + " -> " + size(server.path("usedBytesAfter")),
          percent(server.path("usedBytesBefore").asLong(), capacity)
              + " -> "
              + percent(server.path("usedBytesAfter").asLong(), capacity),
          String.format(
              Locale.ROOT,
              "%.2f -> %.2f",
              server.path("pressureBefore").asDouble(),
              server.path("pressureAfter").asDouble()));
    }
    table.print(out);
  }

  private static String time(JsonNode plan) {
    if (!plan.has("expectedSeconds")) {
      return "unknown: nothing was copied here yet";
    }
    return seconds(plan.path("expectedSeconds").asLong())
        + " at "
        + size(plan.path("expectedBytesPerSecond"))
        + "/s";
  }

  static TextTable records(JsonNode plans) {
    TextTable table = TextTable.headed("ID", "STATE", "MOVES", "BYTES", "CREATED", "BY", "PURPOSE");
    for (JsonNode plan : plans) {
      table.row(
          plan.path("id").asText(),
          plan.path("state").asText(),
          plan.path("moves").asText(),
          size(plan.path("bytes")),
          plan.path("created").asText(),
          plan.path("by").asText(),
          plan.path("purpose").asText());
    }
    return table;
  }

  static TextTable progress(JsonNode plan) {
    long limit = plan.path("bytesPerSecond").asLong();
    TextTable table =
        TextTable.ofPairs()
            .row("Plan", plan.path("id").asText() + ": " + plan.path("purpose").asText())
            .row("State", plan.path("state").asText())
            .row(
                "Moves",
                plan.path("movesMade").asText() + " of " + plan.path("moves").asText() + " made")
            .row("Bytes", size(plan.path("bytesMoved")) + " of " + size(plan.path("bytes")))
            .row(
                "Rate",
                size(plan.path("currentBytesPerSecond"))
                    + "/s"
                    + (limit > 0 ? ", limit " + new ByteSize(limit) + "/s" : ""));
    if (plan.has("secondsLeft")) {
      table.row("Time left", seconds(plan.path("secondsLeft").asLong()));
    }
    if (!plan.path("note").asText().isEmpty()) {
      table.row("Note", plan.path("note").asText());
    }
    for (JsonNode server : plan.path("servers")) {
      long total = server.path("totalBytes").asLong();
      table.row(
          server.path("server").asText(),
          server.path("activity").asText()
              + (total > 0
                  ? ", " + size(server.path("copiedBytes")) + " of " + new ByteSize(total)
                  : ""));
    }
    return table;
  }

  static TextTable load(JsonNode load) {
    TextTable table = TextTable.headed("PARTITION", "SERVER", "IOPS", "BYTES/S");
    for (JsonNode partition : load.path("partitions")) {
      boolean isKnown = partition.has("operationsPerSecond");
      table.row(
          partition.path("partition").asText(),
          partition.path("server").asText(),
          isKnown
              ? String.format(Locale.ROOT, "%.1f", partition.path("operationsPerSecond").asDouble())
              : "-",
          isKnown
              ? new ByteSize((long) partition.path("bytesPerSecond").asDouble()).toString()
              : "-");
    }
    return table;
  }

  private static String seconds(long seconds) {
    Duration time = Duration.ofSeconds(seconds);
    return seconds < 120
        ? seconds + " s"
        : time.toHours() > 0
            ? time.toHours() + " h " + time.toMinutesPart() + " min"
            : time.toMinutes() + " min";
  }

  private static String percent(long part, long whole) {
    return whole <= 0 ? "-" : Math.round(part * 100.0 / whole) + "%";
  }

  private static String size(JsonNode bytes) {
    return new ByteSize(Math.max(0, bytes.asLong())).toString();
  }
}
