package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.Initiator;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes and reads blocks all over a device, in a thread of its own, for as long as it is open: a
 * read finds what was written last, and no request may fail. Now and then a unit is given back.
 */
final class CheckedLoad implements AutoCloseable {

  private static final int BLOCK = 4096;
  private static final int PLACES = 256;
  private static final int DEPTH = 8;
  private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);

  private final Initiator initiator;
  private final BlockDevice device;
  private final long spread;
  private final long seed = Long.getLong("sandrift.seed", System.nanoTime());

  /**
   * What was written last to each place; 0 for zeros. Touched by the thread only, till it ended.
   */
  private final long[] versions = new long[PLACES];

  private final AtomicLong rounds = new AtomicLong();
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread thread = new Thread(this::run, "checked-load");
  private volatile boolean isClosed;

  /** Begins; the device and its initiator are closed with it. */
  CheckedLoad(Initiator initiator, BlockDevice device, long bytes) {
    this.initiator = initiator;
    this.device = device;
    this.spread = bytes / PLACES / BLOCK * BLOCK;
    System.out.println("CheckedLoad: -Dsandrift.seed=" + seed);
    thread.setDaemon(true);
    thread.start();
  }

  private void run() {
    Random random = new Random(seed);
    long version = 0;
    try {
      for (int place = 0; place < PLACES; place++) {
        write(place, ++version).get();
      }
      while (!isClosed) {
        CompletableFuture<?>[] writes = new CompletableFuture<?>[DEPTH];
        int first = random.nextInt(PLACES / DEPTH);
        for (int i = 0; i < DEPTH; i++) {
          // Places that are far apart, and none twice.
          writes[i] = write(first + i * (PLACES / DEPTH), ++version);
        }
        CompletableFuture.allOf(writes).get();
        if (random.nextInt(20) == 0) {
          int place = random.nextInt(PLACES);
          device.unmapAsync(place * spread, BLOCK).get();
          versions[place] = 0;
        }
        if (random.nextInt(10) == 0) {
          device.flushAsync().get();
        }
        for (int i = 0; i < DEPTH; i++) {
          check(random.nextInt(PLACES));
        }
        rounds.incrementAndGet();
      }
    } catch (Throwable e) {
      failure.set(e);
    }
  }

  private CompletableFuture<Void> write(int place, long version) {
    versions[place] = version;
    return device.writeAsync(place * spread, stamped(place, version));
  }

  private void check(int place) throws Exception {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    device.readAsync(place * spread, block).get();
    assertThat(block.getLong(0)).as("place %d, seed %d", place, seed).isEqualTo(versions[place]);
    ByteBuffer expected =
        versions[place] == 0 ? ByteBuffer.allocate(BLOCK) : stamped(place, versions[place]);
    assertThat(block.clear()).as("place %d, seed %d", place, seed).isEqualTo(expected);
  }

  private static ByteBuffer stamped(int place, long version) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (block.hasRemaining()) {
      block.putLong(version).putLong(place);
    }
    return block.flip();
  }

  /** Returns when so many more rounds of writes and reads have succeeded. */
  void awaitRounds(int more) throws Exception {
    long until = rounds.get() + more + 1;
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    while (rounds.get() < until) {
      Throwable failed = failure.get();
      if (failed != null) {
        throw new AssertionError("the load failed, seed " + seed, failed);
      }
      assertThat(System.nanoTime()).as("the load goes on").isLessThan(deadline);
      thread.join(20);
    }
  }

  /** Ends the load, and looks at every place once more. */
  void verify() throws Exception {
    isClosed = true;
    thread.join(TimeUnit.NANOSECONDS.toMillis(PATIENCE_NANOS));
    if (failure.get() != null) {
      throw new AssertionError("the load failed, seed " + seed, failure.get());
    }
    for (int place = 0; place < PLACES; place++) {
      check(place);
    }
  }

  @Override
  public void close() throws Exception {
    isClosed = true;
    thread.join(TimeUnit.SECONDS.toMillis(5));
    device.close();
    initiator.close();
  }
}
