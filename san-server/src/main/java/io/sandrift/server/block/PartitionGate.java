package io.sandrift.server.block;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One partition at one server: whether its requests are let in, and how many are under way.
 *
 * <pre>
 *   ABSENT ──own──▶ OPEN ──freeze──▶ FROZEN ──leave──▶ ABSENT
 *                    ▲                 │
 *                    └──────thaw───────┘
 * </pre>
 *
 * <p>Open, a request that carries the entry's epoch goes in. Frozen, requests are held, in order
 * and up to a limit, until the partition is thawed or has left. Absent, they are answered with
 * MOVED. Requests that concern all of a server's partitions {@link #pass} instead. Safe for all
 * threads; letting a request in is one atomic addition.
 */
final class PartitionGate {

  /** More are answered with UNAVAILABLE, and initiators come again. */
  static final int MAX_HELD = 4096;

  private static final long NOT_OPEN = 1L << 62;

  /** What becomes of a request. */
  enum Entry {
    IN,
    HELD,
    FULL,
    MOVED
  }

  private final AtomicLong state = new AtomicLong(NOT_OPEN);
  private volatile long epoch;
  private volatile PartitionHandover.@Nullable ChangeListener listener;

  /**
   * This server didn't give the partition away by any later version of the map. Guarded by this.
   */
  private int leftBy;

  /** Not null while frozen. Guarded by this, like all transitions. */
  private @Nullable ArrayDeque<Runnable> held;

  private @Nullable Runnable whenQuiet;

  final LongAdder reads = new LongAdder();
  final LongAdder writes = new LongAdder();
  final LongAdder bytesRead = new LongAdder();
  final LongAdder bytesWritten = new LongAdder();

  /**
   * @param version of the map that this server begins with: what an earlier process of it gave away
   *     is in that map
   */
  PartitionGate(int version) {
    leftBy = version;
  }

  /**
   * Asks to let a request in; the one that is let in calls {@link #leave}.
   *
   * @param retry run when a request that is HELD may ask again
   */
  Entry enter(long requestEpoch, Runnable retry) {
    if ((state.incrementAndGet() & NOT_OPEN) == 0 && epoch == requestEpoch) {
      return Entry.IN;
    }
    leave();
    return notOpen(requestEpoch, retry);
  }

  private synchronized Entry notOpen(long requestEpoch, Runnable retry) {
    if (held == null || requestEpoch < epoch) {
      // It may have been opened meanwhile: then the epoch differs, or the next attempt succeeds.
      return Entry.MOVED;
    }
    return hold(held, retry);
  }

  /**
   * Whether a request that concerns all of this server's partitions may go on, as far as this one
   * matters: MOVED if it has left by a newer map than that by which the sender chose its owners.
   * Nothing is counted, and {@link #leave} isn't called.
   *
   * @param version of the sender's map
   * @param retry run when a request that is HELD may ask again
   */
  Entry pass(long version, Runnable retry) {
    if (isOpen()) {
      return Entry.IN;
    }
    synchronized (this) {
      if (held != null) {
        return hold(held, retry);
      }
      return version < leftBy ? Entry.MOVED : Entry.IN;
    }
  }

  private static Entry hold(ArrayDeque<Runnable> held, Runnable retry) {
    if (held.size() >= MAX_HELD) {
      return Entry.FULL;
    }
    held.add(retry);
    return Entry.HELD;
  }

  /** A request that was let in has ended. */
  void leave() {
    if (state.decrementAndGet() == NOT_OPEN) {
      Runnable quiet;
      synchronized (this) {
        quiet = whenQuiet;
        whenQuiet = null;
      }
      if (quiet != null) {
        quiet.run();
      }
    }
  }

  /** This server owns the partition at this epoch of its entry. A frozen one is thawed. */
  void own(long newEpoch) {
    List<Runnable> released;
    synchronized (this) {
      released = open(newEpoch);
    }
    released.forEach(Runnable::run);
  }

  /** With the monitor held; returns what was held, for the caller to run without it. */
  private List<Runnable> open(long newEpoch) {
    epoch = newEpoch;
    whenQuiet = null;
    state.getAndUpdate(value -> value & ~NOT_OPEN);
    return release();
  }

  /**
   * Holds what comes from now on.
   *
   * @param quiet run when nothing is under way any more, perhaps at once; not at all if the
   *     partition is thawed before that
   * @return false if the partition isn't open, and nothing has changed
   */
  boolean freeze(Runnable quiet) {
    boolean isQuiet;
    synchronized (this) {
      if ((state.get() & NOT_OPEN) != 0) {
        return false;
      }
      held = new ArrayDeque<>();
      whenQuiet = quiet;
      isQuiet = state.getAndUpdate(value -> value | NOT_OPEN) == 0;
      if (isQuiet) {
        whenQuiet = null;
      }
    }
    if (isQuiet) {
      quiet.run();
    }
    return true;
  }

  /** Lets in again what was held. */
  void thaw() {
    List<Runnable> released;
    synchronized (this) {
      if (held == null) {
        return;
      }
      released = open(epoch);
    }
    released.forEach(Runnable::run);
  }

  /**
   * The partition is another server's now.
   *
   * @param newEpoch of the entry that says so
   * @param version of its map
   */
  void leave(long newEpoch, int version) {
    List<Runnable> released;
    synchronized (this) {
      if (isOpen() || held != null) {
        leftBy = version;
      }
      // Shut first: nothing may come in by the new entry, which is another server's.
      state.getAndUpdate(value -> value | NOT_OPEN);
      epoch = newEpoch;
      released = release();
    }
    released.forEach(Runnable::run);
  }

  boolean isOpen() {
    return (state.get() & NOT_OPEN) == 0;
  }

  synchronized boolean isFrozen() {
    return held != null;
  }

  long epoch() {
    return epoch;
  }

  /** Requests under way now. */
  int underWay() {
    return (int) (state.get() & ~NOT_OPEN);
  }

  /** Tells of changes from now on; false if somebody is told already, or it isn't open. */
  synchronized boolean listen(PartitionHandover.ChangeListener newListener) {
    if (listener != null || !isOpen()) {
      return false;
    }
    listener = newListener;
    return true;
  }

  synchronized void listenNoMore() {
    listener = null;
  }

  void changed(long unit, int offset, int length) {
    PartitionHandover.ChangeListener told = listener;
    if (told != null) {
      told.changed(unit, offset, length);
    }
  }

  private List<Runnable> release() {
    List<Runnable> released = held == null ? List.of() : new ArrayList<>(held);
    held = null;
    return released;
  }
}
