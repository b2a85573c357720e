package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.ByteSize;

/** The admin API's volumes as tables. */
final class VolumeViews {

  private VolumeViews() {}

  static TextTable list(JsonNode volumes) {
    TextTable table = TextTable.headed("NAME", "SIZE", "USED", "ONLINE", "SESSIONS", "URL");
    for (JsonNode volume : volumes) {
      table.row(
          volume.path("name").asText(),
          size(volume, "sizeBytes"),
          size(volume, "allocatedBytes"),
          volume.path("online").asBoolean() ? "yes" : "no",
          volume.path("sessions").asText(),
          volume.path("urls").path(0).asText("-"));
    }
    return table;
  }

  static TextTable one(JsonNode volume) {
    TextTable table =
        TextTable.ofPairs()
            .row("Name", volume.path("name").asText())
            .row("Size", size(volume, "sizeBytes"))
            .row("Used", size(volume, "allocatedBytes"))
            .row("Block size", volume.path("blockBytes").asText())
            .row("Stripe unit", size(volume, "stripeUnitBytes"))
            .row("Partitions", volume.path("partitions").asText())
            .row("Service class", volume.path("serviceClass").asText())
            .row("Created", volume.path("created").asText())
            .row("Id", volume.path("id").asText())
            .row("Online", volume.path("online").asBoolean() ? "yes" : "no")
            .row("Sessions", volume.path("sessions").asText())
            .row(
                "Local I/O",
                Math.round(100 * volume.path("localShare").asDouble(1)) + " % at this server")
            .row("Target", volume.path("target").asText());
    volume.path("urls").forEach(url -> table.row("URL", url.asText()));
    return table;
  }

  private static String size(JsonNode volume, String field) {
    return new ByteSize(volume.path(field).asLong()).toString();
  }
}
