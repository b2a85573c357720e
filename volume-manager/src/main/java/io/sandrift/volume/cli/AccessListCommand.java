package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.VolumeName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code sandrift access list}. */
@Command(
    name = "list",
    aliases = "show",
    description = "Show who may log in to a volume. Secrets are never shown.",
    footer = "  sandrift access list db")
final class AccessListCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "VOLUME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName volume;

  @Mixin private VolumeMixin shared = new VolumeMixin();

  @Override
  public void run() {
    JsonNode access = shared.connect().get(AccessCommand.path(volume));
    shared.print(access, () -> AccessCommand.table(access));
  }
}
