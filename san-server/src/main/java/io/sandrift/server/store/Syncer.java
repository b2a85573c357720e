package io.sandrift.server.store;

import io.sandrift.server.block.IoCompletion;
import io.sandrift.server.block.IoStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that makes writes durable. Flushes that arrive while it syncs are served together by
 * its next round: one {@code fdatasync} for each file that any of their volumes wrote to, then one
 * sync of the index's log.
 *
 * <p>A failed {@code fdatasync} is final. The kernel has dropped the pages that it couldn't write,
 * and would report success the next time; so from then on every flush of this store fails until it
 * is opened anew, and no initiator is told that its data are safe when they may not be.
 */
final class Syncer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Syncer.class);

  private record Flush(LocalVolume volume, IoCompletion completion) {}

  private final ExtentIndex index;
  private final LinkedBlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
  private final List<Flush> batch = new ArrayList<>();
  private final Thread thread = new Thread(this::run, "store-sync");
  private final LongAdder syncs = new LongAdder();
  private final LongAdder syncNanos = new LongAdder();
  private volatile boolean isFailed;
  private volatile boolean isClosed;

  Syncer(ExtentIndex index) {
    this.index = index;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Whether a sync has failed, so that all that follow fail too. */
  boolean isFailed() {
    return isFailed;
  }

  /** Syncs that ended, successful or not. */
  long syncs() {
    return syncs.sum();
  }

  /** The time that they took, all together. */
  long syncNanos() {
    return syncNanos.sum();
  }

  /** Makes durable what the volume has completed so far. */
  void flush(LocalVolume volume, IoCompletion completion) {
    boolean isDurable = volume.dirty().isClean() && !volume.isFlushing();
    if (isClosed) {
      completion.done(IoStatus.UNAVAILABLE);
    } else if (isFailed) {
      // Looked at last: a sync that has taken the marks, and failed, is no reason to be content.
      completion.done(IoStatus.MEDIUM_ERROR);
    } else if (isDurable) {
      completion.done(IoStatus.OK);
    } else {
      volume.flushBegan();
      requests.add(
          () ->
              batch.add(
                  new Flush(
                      volume,
                      status -> {
                        volume.flushEnded();
                        completion.done(status);
                      })));
    }
  }

  private void run() {
    List<Runnable> taken = new ArrayList<>();
    try {
      while (!isClosed || !requests.isEmpty()) {
        taken.add(requests.take());
        requests.drainTo(taken);
        taken.forEach(Runnable::run);
        taken.clear();
        long began = System.nanoTime();
        IoStatus status = sync();
        syncs.increment();
        syncNanos.add(System.nanoTime() - began);
        for (Flush flush : batch) {
          complete(flush, status);
        }
        batch.clear();
      }
    } catch (InterruptedException e) {
      LOG.error("the syncing thread was interrupted, which nobody should do", e);
    }
  }

  private static void complete(Flush flush, IoStatus status) {
    try {
      flush.completion.done(status);
    } catch (RuntimeException | Error e) {
      LOG.error("a flush's completion failed", e);
    }
  }

  private IoStatus sync() {
    if (isFailed) {
      return IoStatus.MEDIUM_ERROR;
    }
    Map<SlotFamily, Set<Integer>> files = new HashMap<>();
    boolean isMapDirty = false;
    for (Flush flush : batch) {
      SlotFamily slots = flush.volume.slots();
      files
          .computeIfAbsent(slots, family -> new TreeSet<>())
          .addAll(flush.volume.dirty().takeFiles());
      isMapDirty |= flush.volume.dirty().takeMap();
    }
    try {
      syncFiles(files);
      if (isMapDirty) {
        syncIndex();
      }
      return IoStatus.OK;
    } catch (IOException | RocksDBException e) {
      return IoStatus.MEDIUM_ERROR;
    }
  }

  /**
   * Makes files durable, on the calling thread. A failure is all flushes' failure from then on,
   * whoever asked: clients' data may be among what was lost, and the kernel tells it only once.
   */
  void syncFiles(Map<SlotFamily, Set<Integer>> files) throws IOException {
    try {
      for (Map.Entry<SlotFamily, Set<Integer>> entry : files.entrySet()) {
        for (int file : entry.getValue()) {
          entry.getKey().sync(file);
        }
      }
    } catch (IOException e) {
      failed(e);
      throw e;
    }
  }

  /** Makes the index durable, as {@link #syncFiles} does files. */
  void syncIndex() throws RocksDBException {
    try {
      index.sync();
    } catch (RocksDBException e) {
      failed(e);
      throw e;
    }
  }

  private void failed(Exception failure) {
    isFailed = true;
    LOG.error(
        "a sync failed: what was written since the last one may be lost. Every flush fails from"
            + " now on; check the disk, then restart the server",
        failure);
  }

  /** Serves what is waiting, and ends. */
  @Override
  public void close() {
    if (!isClosed) {
      isClosed = true;
      requests.add(() -> {});
      Threads.join(thread);
    }
  }
}
