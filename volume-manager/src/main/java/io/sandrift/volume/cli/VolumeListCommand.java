package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sandrift volume list}. */
@Command(
    name = "list",
    aliases = "ls",
    description = "List all volumes, by name.",
    footer = {
      "  sandrift volume list",
      "  sandrift volume list -o json | jq -r '.volumes[].urls[0]'"
    })
final class VolumeListCommand implements Runnable {

  @Mixin private AdminMixin shared = new AdminMixin();

  @Override
  public void run() {
    JsonNode answer = shared.connect().get(VolumeCommand.VOLUMES);
    TextTable table = VolumeViews.list(answer.path("volumes"));
    if (shared.format() == OutputFormat.table && table.size() == 0) {
      shared.err().println("No volumes yet; 'sandrift volume create NAME --size 10GiB' makes one.");
      return;
    }
    shared.print(answer, () -> table);
  }
}
