package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift volume create}. */
@Command(
    name = "create",
    description = {
      "Create a volume. It is thin: it takes space as it is written.",
      "",
      "Nobody may mount it until 'sandrift access allow' says who, unless it is --open."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE + ", or the volume existed just so",
      ExitCode.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      "4:a volume of that name exists and is different",
      ExitCode.UNREACHABLE_LINE,
      ExitCode.DENIED_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift volume create scratch --size 10GiB --open",
      "  sandrift volume create db.prod --size 2TiB --block-size 4096 --service-class gold"
    })
final class VolumeCreateCommand implements Runnable {

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      converter = NameConverter.class,
      description = "1 to 63 lower-case letters, digits, inner hyphens and dots.")
  private @Nullable VolumeName name;

  @Option(
      names = {"-s", "--size"},
      required = true,
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "From 1MiB to 64TiB, such as 512MiB or 10GiB.")
  private @Nullable ByteSize size;

  @Option(
      names = "--block-size",
      paramLabel = "BYTES",
      defaultValue = "512",
      description = "Logical block: 512 or 4096 (default ${DEFAULT-VALUE}).")
  private int blockBytes;

  @Option(
      names = "--stripe-unit",
      paramLabel = "SIZE",
      defaultValue = "1MiB",
      converter = SizeConverter.class,
      description = "A power of two from 64KiB to 16MiB (default ${DEFAULT-VALUE}).")
  private @Nullable ByteSize stripeUnit;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      defaultValue = "64",
      description =
          "Into how many parts it can be spread over servers, 1 to 1024 (default"
              + " ${DEFAULT-VALUE}).")
  private int partitions;

  @Option(
      names = "--service-class",
      paramLabel = "CLASS",
      defaultValue = VolumeSpec.DEFAULT_SERVICE_CLASS,
      description = "Type of service that it belongs to (default ${DEFAULT-VALUE}).")
  private String serviceClass = VolumeSpec.DEFAULT_SERVICE_CLASS;

  @Option(names = "--open", description = "Let every initiator mount it.")
  private boolean open;

  @Mixin private AdminOption admin = new AdminOption();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    JsonNode created = admin.connect().post(VolumeCommand.VOLUMES, request());
    output.format().print(spec.commandLine().getOut(), created, () -> VolumeViews.one(created));
  }

  private ObjectNode request() {
    VolumeSpec asked = asked();
    ObjectNode request =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", asked.name().value())
            .put("sizeBytes", asked.sizeBytes())
            .put("blockBytes", asked.blockBytes())
            .put("stripeUnitBytes", asked.stripeUnitBytes())
            .put("partitions", asked.partitions())
            .put("serviceClass", asked.serviceClass());
    return open ? request.put("open", true) : request;
  }

  /** Checked here, so that a mistake is told even when no server runs. */
  private VolumeSpec asked() {
    if (name == null || size == null || stripeUnit == null) {
      throw new IllegalStateException("picocli requires them");
    }
    try {
      return new VolumeSpec(
          name,
          size.bytes(),
          blockBytes,
          (int) Math.min(stripeUnit.bytes(), Integer.MAX_VALUE),
          partitions,
          serviceClass);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }
}
