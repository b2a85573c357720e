package io.sandrift.server.store;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * One volume's extent map in memory: unit → slot, in pages, so that an empty terabyte takes next to
 * nothing. Any thread reads; whoever writes an entry holds the lock of its unit.
 */
final class UnitMap {

  static final long NONE = -1;

  private static final int PAGE_SHIFT = 12;
  private static final int PAGE_UNITS = 1 << PAGE_SHIFT;

  private volatile @Nullable AtomicLongArray[] pages = new @Nullable AtomicLongArray[0];

  /** The unit's slot, or {@link #NONE}. */
  long get(long unit) {
    @Nullable AtomicLongArray[] current = pages;
    int page = (int) (unit >>> PAGE_SHIFT);
    if (page >= current.length) {
      return NONE;
    }
    AtomicLongArray entries = current[page];
    // Entries are slot + 1, so that a new page says NONE.
    return entries == null ? NONE : entries.get((int) (unit & (PAGE_UNITS - 1))) - 1;
  }

  void put(long unit, long slot) {
    page((int) (unit >>> PAGE_SHIFT)).set((int) (unit & (PAGE_UNITS - 1)), slot + 1);
  }

  /** Calls the consumer with each unit that has a slot. */
  void forEachUnit(LongConsumer consumer) {
    @Nullable AtomicLongArray[] current = pages;
    for (int page = 0; page < current.length; page++) {
      AtomicLongArray entries = current[page];
      for (int i = 0; entries != null && i < PAGE_UNITS; i++) {
        if (entries.get(i) != 0) {
          consumer.accept(((long) page << PAGE_SHIFT) + i);
        }
      }
    }
  }

  private AtomicLongArray page(int page) {
    @Nullable AtomicLongArray[] current = pages;
    AtomicLongArray entries = page < current.length ? current[page] : null;
    return entries != null ? entries : addPage(page);
  }

  private synchronized AtomicLongArray addPage(int page) {
    @Nullable AtomicLongArray[] current = pages;
    if (page >= current.length) {
      current = Arrays.copyOf(current, Math.max(page + 1, current.length * 2));
    } else {
      current = current.clone();
    }
    AtomicLongArray entries = current[page];
    if (entries == null) {
      entries = new AtomicLongArray(PAGE_UNITS);
      current[page] = entries;
      pages = current;
    }
    return entries;
  }
}
