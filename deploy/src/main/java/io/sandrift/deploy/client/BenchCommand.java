package io.sandrift.deploy.client;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import io.sandrift.volume.cli.OutputOption;
import io.sandrift.volume.cli.SizeConverter;
import io.sandrift.volume.cli.TextTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sandrift client bench}. */
@Command(
    name = "bench",
    description =
        "Measure a device: throughput, and latency percentiles. The write patterns destroy its"
            + " data.",
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
      "  sandrift client bench iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0",
      "  sandrift client bench iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0 --pattern"
          + " seqwrite \\",
      "      --block-size 1MiB --queue-depth 8 --destroy-data"
    })
final class BenchCommand implements Runnable {

  /** The order of the accesses, and what they are. */
  enum Pattern {
    randread,
    randwrite,
    seqread,
    seqwrite;

    boolean isWrite() {
      return this == randwrite || this == seqwrite;
    }

    boolean isRandom() {
      return this == randread || this == randwrite;
    }
  }

  @Parameters(paramLabel = "URL", description = "iscsi://host[:port][,host[:port]...]/target/lun")
  private String url = "";

  @Option(
      names = "--pattern",
      paramLabel = "NAME",
      defaultValue = "randread",
      description = "${COMPLETION-CANDIDATES} (default ${DEFAULT-VALUE}).")
  private Pattern pattern = Pattern.randread;

  @Option(
      names = "--block-size",
      paramLabel = "SIZE",
      defaultValue = "4KiB",
      converter = SizeConverter.class,
      description = "Length of one access, up to 16MiB (default ${DEFAULT-VALUE}).")
  private ByteSize blockSize = new ByteSize(4096);

  @Option(
      names = "--queue-depth",
      paramLabel = "N",
      defaultValue = "32",
      description = "Accesses under way at once, 1 to 1024 (default ${DEFAULT-VALUE}).")
  private int queueDepth = 32;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long to measure, 1 to 86400 (default ${DEFAULT-VALUE}).")
  private int seconds = 10;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Do the same for N seconds before, 0 to 3600, so that neither side's start is measured"
              + " (default ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Begin N accesses a second, and count each one's latency from when it was due (default:"
              + " as many as there can be).")
  private int rate;

  @Option(
      names = "--span",
      paramLabel = "SIZE",
      converter = SizeConverter.class,
      description = "How much of the device to use, from its beginning (default: all).")
  private @Nullable ByteSize span;

  @Option(
      names = "--destroy-data",
      description = "Needed for the write patterns, which overwrite the device.")
  private boolean destroyData;

  @Option(
      names = "--durable",
      description = "Have the device make each write durable before it ends (FUA).")
  private boolean durable;

  @Option(
      names = "--fill",
      description = "Write all of the span once before, so that nothing is read from holes.")
  private boolean fill;

  @Mixin private InitiatorMixin how = new InitiatorMixin();
  @Mixin private OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    if ((pattern.isWrite() || fill) && !destroyData) {
      throw usage("this overwrites the device; add --destroy-data if that is what you want");
    }
    if (queueDepth < 1 || queueDepth > 1024 || seconds < 1 || seconds > 86_400 || rate < 0) {
      throw usage(
          "--queue-depth goes from 1 to 1024, --seconds from 1 to 86400, and --rate from 0 on");
    }
    if (warmUp < 0 || warmUp > 3600) {
      throw usage("--warm-up goes from 0 to 3600");
    }
    InitiatorOptions options = how.options(queueDepth);
    try (Initiator initiator = new Initiator(options);
        BlockDevice device = how.open(initiator, how.url(url), options)) {
      if (blockSize.bytes() < 1
          || blockSize.bytes() > 16 * 1024 * 1024
          || blockSize.bytes() % device.blockBytes() != 0) {
        throw usage(
            "--block-size is "
                + blockSize
                + ", expected a multiple of "
                + device.blockBytes()
                + " bytes up to 16MiB");
      }
      long bytes = span == null ? device.sizeBytes() : Math.min(span.bytes(), device.sizeBytes());
      long places = bytes / blockSize.bytes();
      if (places == 0) {
        throw usage("the device, or --span, is smaller than one block of " + blockSize);
      }
      if (fill) {
        fill(device, bytes);
      }
      if (warmUp > 0) {
        measure(device, places, warmUp);
      }
      report(measure(device, places, seconds));
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private record Measured(long accesses, double seconds, Histogram latencyNanos) {}

  private Measured measure(BlockDevice device, long places, int duration) {
    int length = (int) blockSize.bytes();
    Histogram latency = new ConcurrentHistogram(TimeUnit.MINUTES.toNanos(5), 3);
    Semaphore room = new Semaphore(queueDepth);
    AtomicLong done = new AtomicLong();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    ByteBuffer random = ByteBuffer.allocateDirect(length);
    for (int i = 0; i < length; i++) {
      random.put(i, (byte) ThreadLocalRandom.current().nextInt());
    }
    ConcurrentLinkedQueue<ByteBuffer> buffers = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < queueDepth; i++) {
      buffers.add(pattern.isWrite() ? random.duplicate() : ByteBuffer.allocateDirect(length));
    }
    long next = 0;
    long began = System.nanoTime();
    long end = began + TimeUnit.SECONDS.toNanos(duration);
    for (long begun = 0; System.nanoTime() < end && failure.get() == null; begun++) {
      long due = awaitTurn(began, begun);
      room.acquireUninterruptibly();
      ByteBuffer buffer = Objects.requireNonNull(buffers.poll());
      long place =
          pattern.isRandom() ? ThreadLocalRandom.current().nextLong(places) : next++ % places;
      long issued = rate == 0 ? System.nanoTime() : due;
      CompletableFuture<Void> access = access(device, place * length, buffer);
      access.whenComplete(
          (nothing, thrown) -> {
            if (thrown == null) {
              latency.recordValue(
                  Math.min(System.nanoTime() - issued, TimeUnit.MINUTES.toNanos(5)));
              done.incrementAndGet();
            } else {
              failure.compareAndSet(null, thrown);
            }
            buffers.add(buffer);
            room.release();
          });
    }
    room.acquireUninterruptibly(queueDepth);
    double took = (System.nanoTime() - began) / 1e9;
    Throwable failed = failure.get();
    if (failed != null) {
      throw new CommandFailure(
          ExitCode.FAILURE, "after " + done + " accesses: " + failed.getMessage(), failed);
    }
    return new Measured(done.get(), took, latency);
  }

  /**
   * Waits until the access is due.
   *
   * @return since when it is; that the wait itself ended late is not the device's doing
   */
  private long awaitTurn(long began, long number) {
    if (rate == 0) {
      return began;
    }
    long due = began + (long) (number * 1e9 / rate);
    if (System.nanoTime() - due >= 0) {
      return due;
    }
    while (System.nanoTime() - due < 0) {
      LockSupport.parkNanos(due - System.nanoTime());
    }
    return System.nanoTime();
  }

  private CompletableFuture<Void> access(BlockDevice device, long offset, ByteBuffer buffer) {
    if (!pattern.isWrite()) {
      return device.readAsync(offset, buffer);
    }
    return durable ? device.writeDurablyAsync(offset, buffer) : device.writeAsync(offset, buffer);
  }

  /** Writes the span once, in order, with random bytes. */
  private static void fill(BlockDevice device, long bytes) throws IOException {
    byte[] random = new byte[ReadCommand.REQUEST_BYTES];
    ThreadLocalRandom.current().nextBytes(random);
    TransferWindow window = new TransferWindow(ReadCommand.DEPTH, buffer -> {});
    for (long at = 0; at < bytes; at += random.length) {
      long whole = Math.min(random.length, bytes - at);
      ByteBuffer part = ByteBuffer.wrap(random, 0, (int) (whole - whole % device.blockBytes()));
      window.add(device.writeAsync(at, part), part);
    }
    window.drain();
    device.flush();
  }

  private void report(Measured measured) {
    double perSecond = measured.accesses / measured.seconds;
    double megabytes = perSecond * blockSize.bytes() / 1e6;
    Histogram latency = measured.latencyNanos;
    ObjectNode result =
        JsonNodeFactory.instance
            .objectNode()
            .put("pattern", pattern.name())
            .put("blockBytes", blockSize.bytes())
            .put("queueDepth", queueDepth)
            .put("seconds", measured.seconds)
            .put("accesses", measured.accesses)
            .put("iops", perSecond)
            .put("megabytesPerSecond", megabytes);
    ObjectNode micros = result.putObject("latencyMicroseconds");
    TextTable table =
        TextTable.ofPairs()
            .row(
                "Accesses",
                "%d of %s, %s, %d at a time"
                    .formatted(measured.accesses, blockSize, pattern, queueDepth))
            .row("Throughput", "%.0f IOPS, %.1f MB/s".formatted(perSecond, megabytes));
    for (double percentile : new double[] {50, 90, 99, 99.9, 100}) {
      double value = latency.getValueAtPercentile(percentile) / 1e3;
      String name =
          percentile == 100
              ? "max"
              : "p" + (percentile == 99.9 ? "99.9" : Integer.toString((int) percentile));
      micros.put(name, value);
      table.row("Latency " + name, "%.0f µs".formatted(value));
    }
    output.format().print(spec.commandLine().getOut(), result, () -> table);
  }
}
