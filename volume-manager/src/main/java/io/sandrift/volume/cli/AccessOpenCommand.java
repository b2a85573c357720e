package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.volume.catalog.VolumeName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The commands that open a volume to everybody, or close it. */
abstract class AccessOpenCommand implements Runnable {

  /** {@code sandrift access open}. */
  @Command(
      name = "open",
      description = "Let everybody log in to a volume, except whom a rule denies.",
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

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  abstract JsonNode change(AdminClient server, String path);

  @Override
  public void run() {
    JsonNode access = change(admin.connect(), AccessCommand.path(volume) + "/open");
    output.format().print(spec.commandLine().getOut(), access, () -> AccessCommand.table(access));
  }

  static JsonNode set(AdminClient server, String path, boolean open) {
    return server.put(path, JsonNodeFactory.instance.objectNode().put("open", open));
  }
}
