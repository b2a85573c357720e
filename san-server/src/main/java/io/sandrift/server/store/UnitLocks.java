package io.sandrift.server.store;

import java.util.Arrays;
import java.util.concurrent.locks.StampedLock;

/**
 * Locks for the units of one volume, a few hundred for all of them. Reads share a unit's lock; what
 * writes holds it alone.
 */
final class UnitLocks {

  private static final int COUNT = 256;

  private final StampedLock[] locks = new StampedLock[COUNT];

  UnitLocks() {
    for (int i = 0; i < COUNT; i++) {
      locks[i] = new StampedLock();
    }
  }

  StampedLock of(long unit) {
    return locks[(int) (unit % COUNT)];
  }

  /** Locks the units from {@code first} to {@code last} alone, in an order that can't deadlock. */
  Held lock(long first, long last) {
    int count = (int) Math.min(COUNT, last - first + 1);
    int[] indexes = new int[count];
    for (int i = 0; i < count; i++) {
      indexes[i] = (int) ((first + i) % COUNT);
    }
    Arrays.sort(indexes);
    long[] stamps = new long[count];
    for (int i = 0; i < count; i++) {
      stamps[i] = locks[indexes[i]].writeLock();
    }
    return () -> {
      for (int i = count - 1; i >= 0; i--) {
        locks[indexes[i]].unlockWrite(stamps[i]);
      }
    };
  }

  /** Locks that are held until closed. */
  interface Held extends AutoCloseable {
    @Override
    void close();
  }
}
