package io.sandrift.deploy.simulation;

import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * What will happen and when, in virtual milliseconds; of two at one time, the first that was added.
 */
final class Agenda {

  private record Entry(long at, long order, Runnable action) {}

  private final PriorityQueue<Entry> entries =
      new PriorityQueue<>(Comparator.comparingLong(Entry::at).thenComparingLong(Entry::order));
  private long now;
  private long order;

  long now() {
    return now;
  }

  void in(long millis, Runnable action) {
    at(now + Math.max(0, millis), action);
  }

  void at(long millis, Runnable action) {
    entries.add(new Entry(Math.max(now, millis), order++, action));
  }

  /** Lets everything happen until a time. */
  void runUntil(long end) {
    while (true) {
      Entry next = entries.peek();
      if (next == null || next.at() > end) {
        now = end;
        return;
      }
      entries.remove();
      now = next.at();
      next.action().run();
    }
  }
}
