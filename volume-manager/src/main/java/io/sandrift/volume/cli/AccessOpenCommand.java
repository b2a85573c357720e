package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.volume.catalog.VolumeName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The commands that open a volume to everybody, or close it. */
abstract class AccessOpenCommand implements Runnable {

  /** {@code sandrift access open}. */
  @Command(
      name = "open",
      description = "Let everybody log in to a volume, except whom a rule denies.",
      footer = "  sandrift access open scratch")
  static final class Open extends AccessOpenCommand {
    @Override
    JsonNode change(AdminClient server, String path) {
      return set(server, path, true);
    }
  }

  /** {@code sandrift access close}. */
  @Command(
      name = "close",
      description = "Let only those log in to a volume whom a rule allows.",
      footer = "  sandrift access close scratch")
  static final class Close extends AccessOpenCommand {
    @Override
    JsonNode change(AdminClient server, String path) {
      return set(server, path, false);
    }
  }

  @Parameters(
      index = "0",
      paramLabel = "VOLUME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName volume;

  @Mixin private VolumeMixin shared = new VolumeMixin();

  abstract JsonNode change(AdminClient server, String path);

  @Override
  public void run() {
    JsonNode access = change(shared.connect(), AccessCommand.path(volume) + "/open");
    shared.print(access, () -> AccessCommand.table(access));
  }

  static JsonNode set(AdminClient server, String path, boolean open) {
    return server.put(path, JsonNodeFactory.instance.objectNode().put("open", open));
  }
}
