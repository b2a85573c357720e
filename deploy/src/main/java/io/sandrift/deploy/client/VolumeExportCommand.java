package io.sandrift.deploy.client;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.VolumeAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sandrift volume export}. */
@Command(
    name = "export",
    description = {
      "Copy a volume to a file, or onto a disk of any iSCSI target.",
      "Nobody should write to the volume meanwhile. A file has holes where the volume has zeros. A run that was cut off goes on",
      "where it was when the same command is given again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ClientExit.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      "4:the destination has data, and --overwrite wasn't given",
      ClientExit.UNREACHABLE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift volume export db --to db.img",
      "  sandrift volume export db --to iscsi://192.0.2.7/iqn.2001-04.com.example:new/1 --overwrite --verify"
    })
public final class VolumeExportCommand implements Runnable {

  @Mixin private VolumeAddress volume = new VolumeAddress();

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FILE|URL",
      description =
          "A file, or a disk: iscsi://[user%%secret@]host[:port][,host[:port]...]/target/lun.")
  private String to = "";

  @Option(
      names = "--overwrite",
      description = "Replace the file, or the disk's content; needed for a disk.")
  private boolean overwrite;

  @Mixin private CopyOptions copy = new CopyOptions();
  @Mixin private InitiatorMixin how = new InitiatorMixin();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    VolumeAddress.Found found = volume.find();
    InitiatorOptions options = how.options(2 * ReadCommand.DEPTH);
    try (Initiator initiator = new Initiator(options);
        BlockDevice ours = how.open(initiator, how.url(found.url()), options)) {
      if (to.startsWith("iscsi://")) {
        try (BlockDevice theirs = how.open(initiator, how.url(to), options)) {
          export(
              ours,
              new Endpoint.Disk(theirs, false),
              how.url(to) + " " + theirs.info().serial(),
              true);
        }
      } else {
        Path file = Path.of(to).toAbsolutePath();
        boolean hasData = Files.exists(file) && Files.size(file) > 0;
        try (Endpoint image = new Endpoint.Image(file, ours.sizeBytes())) {
          export(ours, image, file.toString(), hasData);
        }
      }
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILURE, e.getMessage() + "; the same command again goes on from there", e);
    }
  }

  private void export(BlockDevice ours, Endpoint destination, String name, boolean hasData)
      throws IOException {
    Checkpoint checkpoint =
        Checkpoint.of(
            copy.stateDirectory(),
            "volume " + volume.name() + " " + ours.info().serial(),
            name,
            ours.sizeBytes());
    boolean goesOn = !copy.isRestart() && checkpoint.done() > 0 && hasData;
    if (hasData && !overwrite && !goesOn) {
      throw new CommandFailure(
          ExitCode.CONFLICT, to + " has data, or may have; add --overwrite to replace them");
    }
    if (!goesOn) {
      checkpoint.delete();
    }
    new VolumeCopy(
            new Endpoint.Disk(ours, true),
            destination,
            checkpoint,
            copy,
            spec.commandLine().getErr())
        .run();
  }
}
