package io.sandrift.server.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * What of a volume is not durable yet: which files it wrote to, and whether its extent map changed.
 * Safe for all threads.
 *
 * <p>A writer marks after it has written; the syncer takes the marks and then syncs. So a mark that
 * is taken stands for writes that the sync covers, and a write that comes later marks anew.
 */
final class DirtyMarks {

  /** One mark for each file there can be; mostly untouched memory. */
  private final AtomicIntegerArray files = new AtomicIntegerArray(SlotFamily.MAX_FILES);

  /** One more than the highest file ever marked. */
  private volatile int end;

  private final AtomicBoolean isMapDirty = new AtomicBoolean();
  private final LongAdder bytes = new LongAdder();

  void markFile(int index) {
    if (files.get(index) == 0) {
      files.set(index, 1);
      if (index >= end) {
        raiseEnd(index + 1);
      }
    }
  }

  /** Counts bytes that were written; says nothing of which file they are in. */
  void count(int written) {
    bytes.add(written);
  }

  /** Bytes written since the marks were last taken, or a little more. */
  long bytes() {
    return bytes.sum();
  }

  void markMap() {
    isMapDirty.set(true);
  }

  boolean isClean() {
    if (isMapDirty.get()) {
      return false;
    }
    for (int i = 0; i < end; i++) {
      if (files.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** The files that are marked; the marks are gone. */
  List<Integer> takeFiles() {
    List<Integer> taken = new ArrayList<>(2);
    bytes.reset();
    for (int i = 0; i < end; i++) {
      if (files.get(i) != 0 && files.getAndSet(i, 0) != 0) {
        taken.add(i);
      }
    }
    return taken;
  }

  /** Whether the map is marked; the mark is gone. */
  boolean takeMap() {
    return isMapDirty.getAndSet(false);
  }

  private synchronized void raiseEnd(int newEnd) {
    end = Math.max(end, newEnd);
  }
}
