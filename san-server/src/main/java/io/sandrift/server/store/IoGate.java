package io.sandrift.server.store;

/**
 * Decides whether I/O is done on the calling thread or on a thread of its own, by how long it has
 * been taking. Pure: time comes in as numbers. Safe for all threads; a lost update costs a little
 * accuracy and nothing else.
 *
 * <pre>
 *              many slow ones in a window
 *   INLINE ─────────────────────────────────▶ POOLED
 *      ◀───────────────────────────────────────
 *              next to none in a window
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

  private final Window reads = new Window();
  private final Window writes = new Window();
  private final Window whilePooled = new Window();
  private volatile boolean isPooled;

  /**
   * Whether the next I/O is done on the thread that asks for it. Either kind takes the other along,
   * as a unit's lock that is held across a wait for the disk makes both wait.
   */
  boolean isInline() {
    return !isPooled;
  }

  /** Learns how long a read of {@code bytes} took, wherever it was done. */
  void recordRead(long nanos, int bytes) {
    record(reads, nanos > SLOW_READ_NANOS + bytes * NANOS_PER_BYTE);
  }

  /** Learns how long a write of {@code bytes} took, wherever it was done. */
  void recordWrite(long nanos, int bytes) {
    record(writes, nanos > SLOW_WRITE_NANOS + bytes * NANOS_PER_BYTE);
  }

  private void record(Window kind, boolean isSlow) {
    if (isPooled) {
      // Of both kinds together: one that has stopped is no reason to go on.
      whilePooled.count(isSlow);
      if (whilePooled.calls >= WINDOW) {
        isPooled = whilePooled.slowCalls > FEW;
        whilePooled.clear();
      }
    } else {
      // By itself: there may be few of one kind among many of the other.
      kind.count(isSlow);
      if (kind.slowCalls >= MANY) {
        isPooled = true;
        reads.clear();
        writes.clear();
      } else if (kind.calls >= WINDOW) {
        kind.clear();
      }
    }
  }

  /** The last so many calls, and how many of them were slow. */
  private static final class Window {
    private int calls;
    private int slowCalls;

    private void count(boolean isSlow) {
      calls++;
      if (isSlow) {
        slowCalls++;
      }
    }

    private void clear() {
      calls = 0;
      slowCalls = 0;
    }
  }
}
