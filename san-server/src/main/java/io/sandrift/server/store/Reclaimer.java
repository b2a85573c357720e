package io.sandrift.server.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes freed slots fit for another volume: first the deletion of the old map entry
 * is made durable, then the slot is zeroed, then that is made durable. In any other order a power
 * cut could show one volume's bytes in another.
 */
final class Reclaimer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Reclaimer.class);

  /** How many slots one round of syncs serves. */
  private static final int BATCH = 64;

  /** How soon it notices that the store is being closed. */
  private static final long POLL_MILLIS = 100;

  private static final int PIECE_BYTES = 256 << 10;

  private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private record Freed(SlotFamily slots, long slot) {}

  private final ExtentIndex index;
  private final LinkedBlockingQueue<Freed> queue = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final Thread thread = new Thread(this::run, "store-reclaim");
  private volatile boolean isClosed;

  @SuppressWarnings("ThreadPriorityCheck") // a hint to the scheduler; nothing rests on it
  Reclaimer(ExtentIndex index) {
    this.index = index;
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  void start() {
    thread.start();
  }

  void add(SlotFamily slots, long slot) {
    waitingBytes.addAndGet(slots.slotBytes());
    queue.add(new Freed(slots, slot));
  }

  /** How many bytes of slots are not fit for use yet. */
  long waitingBytes() {
    return waitingBytes.get();
  }

  private void run() {
    List<Freed> batch = new ArrayList<>();
    try {
      while (true) {
        Freed first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (isClosed) {
          return;
        }
        if (first == null) {
          continue;
        }
        batch.add(first);
        queue.drainTo(batch, BATCH - 1);
        reclaim(batch);
        batch.clear();
      }
    } catch (InterruptedException e) {
      LOG.error("the reclaiming thread was interrupted, which nobody should do", e);
    }
  }

  private void reclaim(List<Freed> batch) {
    try {
      index.sync();
      Map<SlotFamily, Set<Integer>> files = new HashMap<>();
      for (Freed freed : batch) {
        wipe(freed);
        files
            .computeIfAbsent(freed.slots, family -> new HashSet<>())
            .add(freed.slots.fileIndexOf(freed.slot));
      }
      for (Map.Entry<SlotFamily, Set<Integer>> entry : files.entrySet()) {
        for (int file : entry.getValue()) {
          entry.getKey().sync(file);
        }
      }
      for (Freed freed : batch) {
        freed.slots.addClean(freed.slot);
        waitingBytes.addAndGet(-freed.slots.slotBytes());
      }
    } catch (IOException | RocksDBException e) {
      LOG.error(
          "{} freed slots could not be zeroed and stay out of use until the next start",
          batch.size(),
          e);
    }
  }

  /**
   * Zeroes a slot piece by piece, and rests after each for as long as it took: clients want the
   * disk, too. The zeros don't go through the system's cache: they would push out what clients
   * read, and to sync so much at once holds a processor for milliseconds.
   */
  private void wipe(Freed freed) throws IOException {
    int slotBytes = freed.slots.slotBytes();
    for (int at = 0; at < slotBytes; at += PIECE_BYTES) {
      long began = System.nanoTime();
      freed.slots.wipe(freed.slot, at, Math.min(PIECE_BYTES, slotBytes - at));
      if (!isClosed) {
        LockSupport.parkNanos(Math.min(LONGEST_REST_NANOS, System.nanoTime() - began));
      }
    }
  }

  /** Ends after the round under way; what waits is found again at the next start. */
  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      Threads.join(thread);
    }
  }
}
