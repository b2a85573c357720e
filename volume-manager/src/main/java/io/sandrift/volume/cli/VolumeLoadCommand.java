package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.VolumeName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sandrift volume load}. */
@Command(
    name = "load",
    description = "Show what passes through each partition of a volume, and at which server.",
    footer = {"  sandrift volume load scratch", "  sandrift volume load scratch -o json"})
final class VolumeLoadCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName name;

  @Mixin private VolumeMixin shared = new VolumeMixin();

  @Override
  public void run() {
    JsonNode load = shared.connect().get(VolumeCommand.VOLUMES + "/" + name + "/load");
    shared.print(load, () -> RepartitionViews.load(load));
  }
}
