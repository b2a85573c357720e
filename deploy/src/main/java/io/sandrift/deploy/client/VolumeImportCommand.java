package io.sandrift.deploy.client;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.VolumeAddress;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sandrift volume import}. */
@Command(
    name = "import",
    description = {
      "Copy a disk of any iSCSI target onto a volume.",
      "The volume's content is replaced. Nobody should write to either side meanwhile. Zeros take no space. A run that was cut",
      "off goes on where it was when the same command is given again."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ClientExit.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ExitCode.NOT_FOUND_LINE,
      "4:the volume has data, and --overwrite wasn't given",
      ClientExit.UNREACHABLE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift volume create db --size 100GiB",
      "  sandrift volume import db --from iscsi://192.0.2.7/iqn.2001-04.com.example:old/1 --verify"
    })
public final class VolumeImportCommand implements Runnable {

  @Mixin private VolumeAddress volume = new VolumeAddress();

  @Option(
      names = "--from",
      required = true,
      paramLabel = "URL",
      description = "The disk: iscsi://[user%%secret@]host[:port][,host[:port]...]/target/lun.")
  private String from = "";

  @Option(
      names = "--overwrite",
      description = "Do it even though the volume has data, which are lost.")
  private boolean overwrite;

  @Mixin private CopyOptions copy = new CopyOptions();
  @Mixin private InitiatorMixin how = new InitiatorMixin();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    VolumeAddress.Found found = volume.find();
    InitiatorOptions options = how.options(2 * ReadCommand.DEPTH);
    PrintWriter err = spec.commandLine().getErr();
    try (Initiator initiator = new Initiator(options);
        BlockDevice theirs = how.open(initiator, how.url(from), options);
        BlockDevice ours = how.open(initiator, how.url(found.url()), options)) {
      Checkpoint checkpoint =
          Checkpoint.of(
              copy.stateDirectory(),
              how.url(from) + " " + theirs.info().serial(),
              "volume " + volume.name() + " " + ours.info().serial(),
              theirs.sizeBytes());
      boolean goesOn = !copy.isRestart() && checkpoint.done() > 0;
      if (found.usedBytes() > 0 && !overwrite && !goesOn) {
        throw new CommandFailure(
            ExitCode.CONFLICT,
            "volume '"
                + volume.name()
                + "' has data; add --overwrite to replace them, or create a new volume");
      }
      new VolumeCopy(
              new Endpoint.Disk(theirs, false),
              new Endpoint.Disk(ours, true),
              checkpoint,
              copy,
              err)
          .run();
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILURE, e.getMessage() + "; the same command again goes on from there", e);
    }
  }
}
