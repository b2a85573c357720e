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
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift access chap}. */
@Command(
    name = "chap",
    description =
        "Set or remove a volume's CHAP user; once it has one, every initiator must be one of them.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
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

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    if (remove == (secretFile != null)) {
      throw new ParameterException(spec.commandLine(), "give either --secret-file, or --remove");
    }
    AdminClient server = admin.connect();
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
    output.format().print(spec.commandLine().getOut(), access, () -> AccessCommand.table(access));
  }
}
