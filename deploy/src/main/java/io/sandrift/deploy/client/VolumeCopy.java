package io.sandrift.deploy.client;

import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Copies one end to the other, from the beginning to the source's end: zeros aren't written where
 * the destination reads as zeros anyway, and now and then everything so far is made durable and
 * noted, so that a run that was cut off is gone on with. Used by one thread.
 */
final class VolumeCopy {

  /** What is looked at as a whole, whether it is zero. */
  private static final int PIECE_BYTES = 64 * 1024;

  private static final ByteBuffer ZEROS = ByteBuffer.allocate(PIECE_BYTES);

  private final Endpoint source;
  private final Endpoint destination;
  private final Checkpoint checkpoint;
  private final CopyOptions options;
  private final PrintWriter err;

  private long written;

  VolumeCopy(
      Endpoint source,
      Endpoint destination,
      Checkpoint checkpoint,
      CopyOptions options,
      PrintWriter err) {
    this.source = source;
    this.destination = destination;
    this.checkpoint = checkpoint;
    this.options = options;
    this.err = err;
  }

  /** Copies, and verifies if that is wanted. */
  void run() throws IOException {
    long size = source.sizeBytes();
    if (destination.sizeBytes() < size) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the source has %d bytes and the destination only %d; make it larger, as with 'sandrift volume resize'"
              .formatted(size, destination.sizeBytes()));
    }
    if (size % destination.blockBytes() != 0) {
      throw new CommandFailure(
          ExitCode.USAGE,
          "the source's %d bytes are no whole number of the destination's blocks of %d bytes"
              .formatted(size, destination.blockBytes()));
    }
    long begin = options.isRestart() ? 0 : checkpoint.done();
    if (begin > 0) {
      err.println(new ByteSize(begin).exact() + " were copied by an earlier run; going on there.");
      err.flush();
    }
    copy(begin, size);
    if (options.isVerify()) {
      verify(size);
    }
    checkpoint.delete();
  }

  private void copy(long begin, long size) throws IOException {
    boolean isZeroBehind = destination.clearFrom(begin);
    Progress progress = new Progress(err, "copied", size);
    long[] done = {begin};
    TransferWindow writes = new TransferWindow(ReadCommand.DEPTH, buffer -> {});
    TransferWindow reads =
        new TransferWindow(
            ReadCommand.DEPTH,
            buffer -> {
              write(done[0], buffer, writes, isZeroBehind);
              done[0] += buffer.remaining();
              progress.at(done[0]);
            });
    long noted = begin;
    long began = System.nanoTime();
    for (long at = begin; at < size; ) {
      int length = (int) Math.min(ReadCommand.REQUEST_BYTES, size - at);
      ByteBuffer buffer = ByteBuffer.allocate(length);
      reads.add(source.read(at, buffer), buffer);
      at += length;
      if (at - noted >= options.checkpointBytes()) {
        reads.drain();
        note(writes, at);
        noted = at;
      }
      pause(began, at - begin);
    }
    reads.drain();
    note(writes, size);
    progress.end(done[0]);
    err.println(new ByteSize(written) + " of them written, the rest were zeros that need not be.");
    err.flush();
  }

  private void note(TransferWindow writes, long done) throws IOException {
    writes.drain();
    destination.flush();
    checkpoint.write(done);
  }

  private void pause(long began, long copied) {
    if (options.bytesPerSecond() > 0) {
      long due = began + (long) (copied * 1e9 / options.bytesPerSecond()) - System.nanoTime();
      if (due > 0) {
        LockSupport.parkNanos(Math.min(due, TimeUnit.SECONDS.toNanos(10)));
      }
    }
  }

  /** Writes what has to be, runs of pieces at a time. */
  private void write(long offset, ByteBuffer data, TransferWindow writes, boolean skipZeros)
      throws IOException {
    int run = -1;
    for (int at = 0; at <= data.remaining(); at += PIECE_BYTES) {
      boolean isEnd = at >= data.remaining();
      boolean skip = isEnd || (skipZeros && isZero(data, at));
      if (!skip && run < 0) {
        run = at;
      } else if (skip && run >= 0) {
        add(offset, data, run, at, writes);
        run = -1;
      }
    }
    if (run >= 0) {
      add(offset, data, run, data.remaining(), writes);
    }
  }

  private void add(long offset, ByteBuffer data, int from, int to, TransferWindow writes)
      throws IOException {
    ByteBuffer part = data.slice(from, Math.min(to, data.remaining()) - from);
    written += part.remaining();
    writes.add(destination.write(offset + from, part), part);
  }

  private static boolean isZero(ByteBuffer data, int at) {
    int length = Math.min(PIECE_BYTES, data.remaining() - at);
    return data.slice(at, length).mismatch(ZEROS.slice(0, length)) < 0;
  }

  private void verify(long size) throws IOException {
    Progress progress = new Progress(err, "verified", size);
    for (long at = 0; at < size; ) {
      int length = (int) Math.min(ReadCommand.REQUEST_BYTES * 4L, size - at);
      ByteBuffer ours = ByteBuffer.allocate(length);
      ByteBuffer theirs = ByteBuffer.allocate(length);
      TransferWindow both = new TransferWindow(ReadCommand.DEPTH, buffer -> {});
      both.add(source.read(at, ours), ours);
      both.add(destination.read(at, theirs), theirs);
      both.drain();
      int difference = ours.mismatch(theirs);
      if (difference >= 0) {
        throw new IOException(
            "the copy differs from the source from byte "
                + (at + difference)
                + " on; was one of them written meanwhile?");
      }
      at += length;
      progress.at(at);
    }
    progress.end(size);
  }
}
