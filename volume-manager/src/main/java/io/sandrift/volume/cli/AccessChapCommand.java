package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.volume.catalog.VolumeName;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code sandrift access chap}. */
@Command(
    name = "chap",
    description =
        "Set or remove a volume's CHAP user; once it has one, every initiator must be one of them.",
    footer = {
      "  sandrift access chap db --user host1 --secret-file host1.secret",
      "  sandrift access chap db --user db-target --secret-file target.secret --mutual",
      "  sandrift access chap db --user host1 --remove"
    })
final class AccessChapCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "VOLUME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName volume;

  @Option(names = "--user", required = true, paramLabel = "NAME", description = "CHAP name.")
  private String user = "";

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description =
          "File, for you alone to read, whose first line is the secret: 12 to 255 bytes, best"
              + " random.")
  private @Nullable Path secretFile;

  @Option(
      names = "--mutual",
      description = "It is what the target proves itself with to an initiator that asks.")
  private boolean mutual;

  @Option(names = "--remove", description = "Remove it instead.")
  private boolean remove;

  @Mixin private VolumeMixin shared = new VolumeMixin();

  @Override
  public void run() {
    if (remove == (secretFile != null)) {
      throw new ParameterException(
          shared.command().commandLine(), "give either --secret-file, or --remove");
    }
    AdminClient server = shared.connect();
    String path = AccessCommand.path(volume) + (mutual ? "/mutual-chap" : "/chap");
    if (secretFile == null) {
      server.delete(path + "?user=" + URLEncoder.encode(user, StandardCharsets.UTF_8));
    } else {
      server.put(
          path,
          JsonNodeFactory.instance
              .objectNode()
              .put("user", user)
              .put("secret", AdminOption.read(secretFile)));
    }
    JsonNode access = server.get(AccessCommand.path(volume));
    shared.print(access, () -> AccessCommand.table(access));
  }
}
