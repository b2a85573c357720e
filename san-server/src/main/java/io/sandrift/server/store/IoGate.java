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
 * <p>Slow means longer than a system call and a copy take: that one waited for a disk, and so would
 * the next. One alone says nothing, as a thread may be suspended at any point.
 */
final class IoGate {

  /**
   * A call that takes longer than this has waited for something: well above a copy's time, well
   * below any disk's.
   */
  private static final long SLOW_NANOS = 40_000;

  /** What a copy may take for each byte on top of that: 1 GB/s, far below what memory does. */
  private static final long NANOS_PER_BYTE = 1;

  private static final int WINDOW = 64;
  private static final int MANY = 8;
  private static final int FEW = 1;

  private volatile boolean isPooled;
  private int calls;
  private int slowCalls;

  /** Whether the next I/O is done on the thread that asks for it. */
  boolean isInline() {
    return !isPooled;
  }

  /** Learns how long a read or write of {@code bytes} took, wherever it was done. */
  void record(long nanos, int bytes) {
    if (nanos > SLOW_NANOS + bytes * NANOS_PER_BYTE) {
      slowCalls++;
      if (slowCalls >= MANY) {
        isPooled = true;
        newWindow();
        return;
      }
    }
    calls++;
    if (calls >= WINDOW) {
      if (isPooled && slowCalls <= FEW) {
        isPooled = false;
      }
      newWindow();
    }
  }

  private void newWindow() {
    calls = 0;
    slowCalls = 0;
  }
}
