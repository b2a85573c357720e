package io.sandrift.server.store;

/**
 * Decides whether I/O is done on the calling thread or on a thread of its own, by how long it has
 * been taking. Pure: time comes in as numbers. Safe for all threads; a lost update costs a little
 * accuracy and nothing else.
 *
 * <pre>
 *              many slow ones among 64 of a kind
 *   INLINE ─────────────────────────────────────────▶ POOLED
 *      ◀───────────────────────────────────────────────
 *       next to none among 64 of that kind, or no more of it
 * </pre>
 *
 * <p>Slow means longer than it takes when nothing has to be waited for that another thread could
 * wait for better: that one waited for a disk, and so would the next. One alone says nothing, as a
 * thread may be suspended at any point.
 */
final class IoGate {

  /**
   * A read that takes longer than this has waited for a disk: well above a copy's time, well below
   * any disk's.
   */
  private static final long SLOW_READ_NANOS = 40_000;

  /**
   * A write goes to the page cache, and waits for two things. One is its turn, with whoever else
   * writes to the same file or, where it takes a new extent, to the index: for tens of microseconds
   * mostly, and several threads that wait for theirs would only make that longer, each write being
   * handed over twice. The other is a disk that doesn't keep up, for milliseconds.
   */
  private static final long SLOW_WRITE_NANOS = 1_000_000;

  /** What a copy may take for each byte on top of that: 1 GB/s, far below what memory does. */
  private static final long NANOS_PER_BYTE = 1;

  private static final int WINDOW = 64;
  private static final int MANY = 8;
  private static final int FEW = 1;

  /** After so many calls of one kind there is nothing left of the other one that was slow. */
  private static final int GONE = 1024;

  private final Kind reads = new Kind();
  private final Kind writes = new Kind();

  /**
   * Whether the next I/O is done on the thread that asks for it. Either kind takes the other along,
   * as a unit's lock that is held across a wait for the disk makes both wait.
   */
  boolean isInline() {
    return !reads.areSlow && !writes.areSlow;
  }

  /** Learns how long a read of {@code bytes} took, wherever it was done. */
  void recordRead(long nanos, int bytes) {
    reads.record(nanos > SLOW_READ_NANOS + bytes * NANOS_PER_BYTE);
    writes.passed();
  }

  /** Learns how long a write of {@code bytes} took, wherever it was done. */
  void recordWrite(long nanos, int bytes) {
    writes.record(nanos > SLOW_WRITE_NANOS + bytes * NANOS_PER_BYTE);
    reads.passed();
  }

  /** Reads or writes, each by themselves: there may be few of one among many of the other. */
  private static final class Kind {
    private volatile boolean areSlow;

    /** Since they were last judged. */
    private int calls;

    private int slowCalls;

    /** While they are slow: calls of the other kind since the last one of this. */
    private int others;

    private void record(boolean isSlow) {
      if (areSlow) {
        others = 0;
      }
      calls++;
      if (isSlow) {
        slowCalls++;
      }
      if (slowCalls >= MANY) {
        judge(true);
      } else if (calls >= WINDOW) {
        judge(areSlow && slowCalls > FEW);
      }
    }

    /** There was a call of the other kind. */
    private void passed() {
      if (areSlow) {
        others++;
        if (others >= GONE) {
          judge(false);
        }
      }
    }

    private void judge(boolean slow) {
      areSlow = slow;
      others = 0;
      calls = 0;
      slowCalls = 0;
    }
  }
}
