package io.sandrift.deploy.client;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.SizeConverter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift client write}. */
@Command(
    name = "write",
    description = {
      "Copy a file, or standard input, onto a device, and make it durable.",
      "What does not fill a block at the beginning or the end is merged with what the device has there."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      ExitCode.OK_LINE,
      ClientExit.FAILURE_LINE,
      ExitCode.USAGE_LINE,
      ClientExit.UNREACHABLE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift client write iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0 --input disk.img",
      "  zcat disk.img.gz | sandrift client write iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0"
    })
final class WriteCommand implements Runnable {

  @Parameters(paramLabel = "URL", description = "iscsi://host[:port][,host[:port]...]/target/lun")
  private String url = "";

  @Option(
      names = "--offset",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = SizeConverter.class,
      description = "Where to begin (default ${DEFAULT-VALUE}).")
  private ByteSize offset = new ByteSize(0);

  @Option(
      names = "--input",
      paramLabel = "FILE",
      defaultValue = "-",
      description = "What to write; - is standard input (the default).")
  private String input = "-";

  @Option(
      names = "--no-flush",
      description = "Leave it to the device when the data become durable.")
  private boolean noFlush;

  @Mixin private InitiatorMixin how = new InitiatorMixin();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    InitiatorOptions options = how.options(ReadCommand.DEPTH);
    boolean isFile = !input.equals("-");
    try (InputStream in = isFile ? Files.newInputStream(Path.of(input)) : System.in;
        Initiator initiator = new Initiator(options);
        BlockDevice device = how.open(initiator, how.url(url), options)) {
      long total = isFile ? Files.size(Path.of(input)) : -1;
      if (total > device.sizeBytes() - offset.bytes()) {
        throw new ParameterException(
            spec.commandLine(),
            "%s has %d bytes, and the device only %d from offset %d on"
                .formatted(
                    input,
                    total,
                    Math.max(0, device.sizeBytes() - offset.bytes()),
                    offset.bytes()));
      }
      copy(in, device, total);
    } catch (NoSuchFileException e) {
      throw new CommandFailure(ExitCode.FAILURE, "there is no file " + e.getMessage(), e);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    }
  }

  private void copy(InputStream in, BlockDevice device, long total) throws IOException {
    Progress progress = new Progress(spec.commandLine().getErr(), "written", total);
    int block = device.blockBytes();
    long[] done = {0};
    TransferWindow window =
        new TransferWindow(
            ReadCommand.DEPTH,
            buffer -> {
              done[0] += buffer.remaining();
              progress.at(done[0]);
            });
    long at = offset.bytes();
    while (true) {
      int lead = (int) (at % block);
      byte[] bytes = in.readNBytes(ReadCommand.REQUEST_BYTES - lead);
      if (bytes.length == 0) {
        break;
      }
      if (bytes.length > device.sizeBytes() - at) {
        window.drain();
        throw new IOException(
            "the input is longer than the device, which ends at "
                + device.sizeBytes()
                + " bytes; it was filled up to "
                + at);
      }
      long start = at - lead;
      int whole = (lead + bytes.length + block - 1) / block * block;
      ByteBuffer buffer = ByteBuffer.allocate(whole);
      if (whole != bytes.length) {
        window.drain();
        device.read(start, buffer);
      }
      buffer.put(lead, bytes);
      window.add(device.writeAsync(start, buffer), buffer.slice(lead, bytes.length));
      at += bytes.length;
    }
    window.drain();
    if (!noFlush) {
      device.flush();
    }
    progress.end(done[0]);
  }
}
