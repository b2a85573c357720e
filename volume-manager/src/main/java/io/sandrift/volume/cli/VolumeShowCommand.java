package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.VolumeName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sandrift volume show}. */
@Command(
    name = "show",
    description = "Show one volume.",
    footer = {"  sandrift volume show scratch", "  sandrift volume show scratch -o yaml"})
final class VolumeShowCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName name;

  @Mixin private VolumeMixin shared = new VolumeMixin();

  @Override
  public void run() {
    JsonNode volume = shared.connect().get(VolumeCommand.VOLUMES + "/" + name);
    shared.print(volume, () -> VolumeViews.one(volume));
  }
}
