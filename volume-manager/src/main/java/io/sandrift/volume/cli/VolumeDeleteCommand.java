package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.VolumeName;
import java.io.Console;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift volume delete}. */
@Command(
    name = "delete",
    aliases = "rm",
    description = "Delete a volume and all its data. Asks first, unless --yes is given.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE + "; or the answer was no",
      ExitCode.USAGE_LINE + "; or there is no terminal to ask at",
      ExitCode.NOT_FOUND_LINE,
      "4:sessions have it mounted",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {"  sandrift volume delete scratch", "  sandrift volume delete scratch --yes --force"})
final class VolumeDeleteCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName name;

  @Option(
      names = {"-y", "--yes"},
      description = "Don't ask.")
  private boolean yes;

  @Option(names = "--force", description = "Even if sessions have it mounted: cut them off.")
  private boolean force;

  @Mixin private AdminOption admin = new AdminOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    AdminClient server = admin.connect();
    String path = VolumeCommand.VOLUMES + "/" + name;
    if (!yes) {
      confirm(server.get(path));
    }
    server.delete(path + "?force=" + force);
    spec.commandLine().getErr().println("Volume '" + name + "' is deleted.");
  }

  private void confirm(JsonNode volume) {
    Console console =
        Terminal.console()
            .orElseThrow(
                () ->
                    new CommandFailure(
                        ExitCode.USAGE,
                        "deleting volume '"
                            + name
                            + "' must be confirmed, and there is no terminal to ask at; repeat"
                            + " with --yes"));
    String answer =
        console.readLine(
            "Delete volume '%s' (%s, %s used) and all its data? [y/N] ",
            name,
            new ByteSize(volume.path("sizeBytes").asLong()),
            new ByteSize(volume.path("allocatedBytes").asLong()));
    if (!Optional.ofNullable(answer).orElse("").strip().matches("(?i)y(es)?")) {
      throw new CommandFailure(ExitCode.FAILURE, "nothing was deleted");
    }
  }
}
