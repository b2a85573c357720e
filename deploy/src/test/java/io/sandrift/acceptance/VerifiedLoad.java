package io.sandrift.acceptance;

import io.sandrift.client.BlockDevice;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes and reads at random without a pause, on a thread of its own, and looks whether each read
 * gives what was written last. The part of the device that it uses is nobody else's.
 */
final class VerifiedLoad implements AutoCloseable {

  private static final int BLOCK = 4096;
  private static final int PLACES = 1024;

  private final BlockDevice device;
  private final long base;
  private final Random random;
  private final long[] versions = new long[PLACES];
  private final Thread thread;
  private volatile boolean isStopped;
  private volatile long operations;
  private volatile long longestNanos;
  private volatile @Nullable Throwable failure;

  private VerifiedLoad(BlockDevice device, int part, long seed) {
    this.device = device;
    this.base = (long) part * PLACES * BLOCK;
    this.random = new Random(seed);
    this.thread = new Thread(this::run, "verified-load");
    thread.setDaemon(true);
  }

  static VerifiedLoad start(BlockDevice device, long seed) {
    return start(device, 0, seed);
  }

  /**
   * As {@link #start(BlockDevice, long)}.
   *
   * @param part which run of 4 MiB of the device is used, from 0; nothing was written there before
   */
  static VerifiedLoad start(BlockDevice device, int part, long seed) {
    VerifiedLoad load = new VerifiedLoad(device, part, seed);
    load.thread.start();
    return load;
  }

  /** How many reads and writes have ended. */
  long operations() {
    return operations;
  }

  /** The longest that one of them took. */
  double longestMillis() {
    return longestNanos / 1e6;
  }

  /** What went wrong, or null: an I/O error, or a block with other contents than were written. */
  @Nullable Throwable failure() {
    return failure;
  }

  /** Ends it, reads everything once more, and throws what went wrong. */
  @Override
  public void close() throws Exception {
    isStopped = true;
    thread.join(TimeUnit.SECONDS.toMillis(90));
    if (failure != null) {
      throw new AssertionError("after " + operations + " operations", failure);
    }
    for (int place = 0; place < PLACES; place++) {
      verify(place);
    }
  }

  private void run() {
    try {
      while (!isStopped) {
        int place = random.nextInt(PLACES);
        long begun = System.nanoTime();
        if (random.nextBoolean()) {
          versions[place]++;
          device.write(base + (long) place * BLOCK, stamped(place));
        } else {
          verify(place);
        }
        longestNanos = Math.max(longestNanos, System.nanoTime() - begun);
        operations++;
      }
    } catch (Throwable e) {
      failure = e;
    }
  }

  private void verify(int place) throws Exception {
    ByteBuffer read = ByteBuffer.allocate(BLOCK);
    device.read(base + (long) place * BLOCK, read);
    if (!stamped(place).equals(read.clear())) {
      throw new AssertionError(
          "place " + place + " has version " + read.getLong(0) + ", expected " + versions[place]);
    }
  }

  private ByteBuffer stamped(int place) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    if (versions[place] == 0) {
      return block;
    }
    while (block.hasRemaining()) {
      block.putLong(versions[place]).putLong(place);
    }
    return block.flip();
  }
}
