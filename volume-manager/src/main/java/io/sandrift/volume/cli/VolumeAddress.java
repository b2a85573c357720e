package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.VolumeName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which volume a command works with, and where it can be mounted. */
public final class VolumeAddress {

  /**
   * A volume, found.
   *
   * @param url where it is mounted
   * @param usedBytes what it takes of the servers' stores; 0 when nobody was asked
   */
  public record Found(String url, long usedBytes) {}

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName name;

  @Option(
      names = "--volume-url",
      paramLabel = "URL",
      description =
          "Where to mount the volume, if not where the server says: iscsi://[user%%secret@]host[:port][,...]/target/lun.")
  private @Nullable String url;

  @Mixin private AdminOption admin = new AdminOption();

  public VolumeName name() {
    return Objects.requireNonNull(name, "picocli requires it");
  }

  /**
   * Asks the server for the volume, unless the user has said where it is.
   *
   * @throws CommandFailure if there is none of that name, or no server serves it now
   */
  public Found find() {
    if (url != null) {
      return new Found(url, 0);
    }
    JsonNode volume = admin.connect().get(VolumeCommand.VOLUMES + "/" + name());
    String found = volume.path("urls").path(0).asText("");
    if (found.isEmpty()) {
      throw new CommandFailure(
          ExitCode.FAILURE,
          "no server presents volume '" + name() + "' now; 'sandrift volume show' says more");
    }
    return new Found(found, volume.path("allocatedBytes").asLong());
  }
}
