package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.VolumeName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift volume resize}. */
@Command(
    name = "resize",
    description =
        "Make a volume larger; it can't become smaller. Initiators see the new size when they"
            + " rescan.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE + ", or the size is less than now",
      ExitCode.NOT_FOUND_LINE,
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = "  sandrift volume resize scratch --size 20GiB")
final class VolumeResizeCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      converter = NameConverter.class,
      description = "Name of the volume.")
  private @Nullable VolumeName name;

  @Option(
      names = {"-s", "--size"},
      required = true,
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "New size, at most 64TiB, such as 20GiB.")
  private @Nullable ByteSize size;

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    if (size == null) {
      throw new IllegalStateException("picocli requires it");
    }
    JsonNode volume =
        admin
            .connect()
            .put(
                VolumeCommand.VOLUMES + "/" + name + "/size",
                JsonNodeFactory.instance.objectNode().put("sizeBytes", size.bytes()));
    output.format().print(spec.commandLine().getOut(), volume, () -> VolumeViews.one(volume));
  }
}
