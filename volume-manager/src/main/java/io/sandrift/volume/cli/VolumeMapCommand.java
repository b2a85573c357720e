package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.VolumeName;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sandrift volume map}. */
@Command(
    name = "map",
    description = "Show which server holds which of a volume's partitions, and how many extents.",
    footer = {
      "  sandrift volume map scratch",
      "  sandrift volume map scratch --partitions",
      "  sandrift volume map scratch -o json | jq '.partitions[] | select(.server == \"a\")'"
    })
final class VolumeMapCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName name;

  @Option(names = "--partitions", description = "A line for each partition, with its epoch.")
  private boolean partitions;

  @Mixin private VolumeMixin shared = new VolumeMixin();

  @Override
  public void run() {
    JsonNode map = shared.connect().get(VolumeCommand.VOLUMES + "/" + name + "/map");
    shared.print(map, () -> partitions ? partitions(map) : servers(map));
    if (shared.format() == OutputFormat.table) {
      for (JsonNode server : map.path("servers")) {
        if (server.has("missing")) {
          shared.err().println(server.path("missing").asText());
        }
      }
    }
  }

  private static TextTable servers(JsonNode map) {
    TextTable table = TextTable.headed("SERVER", "PARTITIONS", "EXTENTS", "USED", "WHICH");
    for (JsonNode server : map.path("servers")) {
      boolean known = server.path("allocatedBytes").isNumber();
      table.row(
          server.path("server").asText(),
          server.path("partitions").asText(),
          server.path("extents").asText("-"),
          known ? new ByteSize(server.path("allocatedBytes").asLong()).toString() : "-",
          ranges(map.path("partitions"), server.path("server").asText()));
    }
    return table;
  }

  private static TextTable partitions(JsonNode map) {
    TextTable table = TextTable.headed("PARTITION", "SERVER", "EPOCH", "REPLICAS", "IN SYNC");
    for (JsonNode partition : map.path("partitions")) {
      table.row(
          partition.path("partition").asText(),
          partition.path("server").asText(),
          partition.path("epoch").asText(),
          joined(partition.path("replicas")),
          joined(partition.path("inSync")));
    }
    return table;
  }

  /** {@code 0-3,7} for the partitions of one server. */
  private static String ranges(JsonNode partitions, String server) {
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode partition : partitions) {
      if (partition.path("server").asText().equals(server)) {
        numbers.add(partition.path("partition").asInt());
      }
    }
    StringJoiner joined = new StringJoiner(",");
    joined.setEmptyValue("-");
    int index = 0;
    while (index < numbers.size()) {
      int first = numbers.get(index);
      int last = first;
      while (++index < numbers.size() && numbers.get(index) == last + 1) {
        last++;
      }
      joined.add(first == last ? Integer.toString(first) : first + "-" + last);
    }
    return joined.toString();
  }

  private static String joined(JsonNode texts) {
    StringJoiner joined = new StringJoiner(",");
    texts.forEach(text -> joined.add(text.asText()));
    return joined.toString();
  }
}
