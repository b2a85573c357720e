package io.sandrift.deploy.client;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.SizeConverter;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift client read}. */
@Command(
    name = "read",
    description = "Copy a part of a device, or all of it, to a file or to standard output.",
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
      "  sandrift client read iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0 --output disk.img",
      "  sandrift client read iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0 --offset 1MiB --length 4KiB | xxd"
    })
final class ReadCommand implements Runnable {

  static final int REQUEST_BYTES = 1024 * 1024;
  static final int DEPTH = 8;

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
      names = "--length",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "How much to read (default: to the device's end).")
  private @Nullable ByteSize length;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "-",
      description = "Where to write it; - is standard output (the default).")
  private String output = "-";

  @Mixin private InitiatorMixin how = new InitiatorMixin();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    InitiatorOptions options = how.options(DEPTH);
    try (Initiator initiator = new Initiator(options);
        BlockDevice device = how.open(initiator, how.url(url), options)) {
      long begin = offset.bytes();
      long bytes = length == null ? device.sizeBytes() - begin : length.bytes();
      if (begin > device.sizeBytes() || bytes > device.sizeBytes() - begin) {
        throw new ParameterException(
            spec.commandLine(),
            "the device ends at "
                + device.sizeBytes()
                + " bytes; "
                + bytes
                + " bytes at "
                + begin
                + " are beyond that");
      }
      try (OutputStream out = open()) {
        copy(device, begin, bytes, out);
      }
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    }
  }

  private OutputStream open() throws IOException {
    return output.equals("-")
        ? new FileOutputStream(FileDescriptor.out)
        : Files.newOutputStream(Path.of(output));
  }

  private void copy(BlockDevice device, long begin, long bytes, OutputStream out)
      throws IOException {
    Progress progress = new Progress(spec.commandLine().getErr(), "read", bytes);
    int block = device.blockBytes();
    long[] written = {0};
    TransferWindow window =
        new TransferWindow(
            DEPTH,
            buffer -> {
              out.write(
                  buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
              written[0] += buffer.remaining();
              progress.at(written[0]);
            });
    for (long at = begin; at < begin + bytes; ) {
      // Requests are whole blocks; what was not asked for is cut off again.
      long start = at - at % block;
      long end = Math.min(begin + bytes, start + REQUEST_BYTES);
      int whole = (int) ((end - start + block - 1) / block * block);
      ByteBuffer buffer = ByteBuffer.allocate(whole);
      ByteBuffer wanted = buffer.slice((int) (at - start), (int) (end - at));
      window.add(device.readAsync(start, buffer), wanted);
      at = end;
    }
    window.drain();
    out.flush();
    progress.end(written[0]);
  }
}
