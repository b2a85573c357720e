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

  /**
   * How much one round of syncs serves: little, as a sync hands all that is dirty to the disk at
   * once, and holds a processor meanwhile.
   */
  private static final int BATCH_BYTES = 8 << 20;

  /** How soon it notices that the store is being closed. */
  private static final long POLL_MILLIS = 100;

  private static final int PIECE_BYTES = 64 << 10;

  /** A shorter one is over before the thread has begun to wait for its end. */
  private static final long SHORTEST_REST_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  private static final long LONGEST_REST_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private record Freed(SlotFamily slots, long slot) {}

  private final Syncer syncer;
  private final LinkedBlockingQueue<Freed> queue = new LinkedBlockingQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final Thread thread = new Thread(this::run, "store-reclaim");
  private volatile boolean isClosed;

  @SuppressWarnings("ThreadPriorityCheck") // a hint to the scheduler; nothing rests on it
  Reclaimer(Syncer syncer) {
    this.syncer = syncer;
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
        queue.drainTo(batch, Math.max(1, BATCH_BYTES / first.slots.slotBytes()) - 1);
        reclaim(batch);
        batch.clear();
      }
    } catch (InterruptedException e) {
      LOG.error("the reclaiming thread was interrupted, which nobody should do", e);
    }
  }

  private void reclaim(List<Freed> batch) {
    try {
      syncer.syncIndex();
      Map<SlotFamily, Set<Integer>> files = new HashMap<>();
      for (Freed freed : batch) {
        zero(freed);
        files
            .computeIfAbsent(freed.slots, family -> new HashSet<>())
            .add(freed.slots.fileIndexOf(freed.slot));
      }
      syncer.syncFiles(files);
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
   * Zeroes a slot piece by piece, and rests after each for twice as long as it took at least:
   * whoever writes to the same file waits for a piece, and whoever wants the processor too, for no
   * more than that.
   */
  private void zero(Freed freed) throws IOException {
    int slotBytes = freed.slots.slotBytes();
    for (int at = 0; at < slotBytes; at += PIECE_BYTES) {
      long began = System.nanoTime();
      freed.slots.zero(freed.slot, at, Math.min(PIECE_BYTES, slotBytes - at));
      if (!isClosed) {
        rest(2 * (System.nanoTime() - began));
      }
    }
  }

  private static void rest(long nanos) {
    LockSupport.parkNanos(Math.max(SHORTEST_REST_NANOS, Math.min(LONGEST_REST_NANOS, nanos)));
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
