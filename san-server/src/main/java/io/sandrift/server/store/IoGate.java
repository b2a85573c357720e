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
   * A write goes to the page cache, and waits for two things. One is its turn with whoever else
   * writes to the same file, for tens of microseconds mostly; several threads that wait for theirs
   * would only make that longer, and each write is handed over twice. The other is a disk that
   * doesn't keep up, for milliseconds.
   */
  private static final long SLOW_WRITE_NANOS = 1_000_000;

  /** What a copy may take for each byte on top of that: 1 GB/s, far below what memory does. */
  private static final long NANOS_PER_BYTE = 1;

  private static final int WINDOW = 64;
  private static final int MANY = 8;
  private static final int FEW = 1;

  private final long slowNanos;
  private volatile boolean isPooled;
  private int calls;
  private int slowCalls;

  private IoGate(long slowNanos) {
    this.slowNanos = slowNanos;
  }

  static IoGate ofReads() {
    return new IoGate(SLOW_READ_NANOS);
  }

  static IoGate ofWrites() {
    return new IoGate(SLOW_WRITE_NANOS);
  }

  /** Whether the next I/O is done on the thread that asks for it. */
  boolean isInline() {
    return !isPooled;
  }

  /** Learns how long one of {@code bytes} took, wherever it was done. */
  void record(long nanos, int bytes) {
    if (nanos > slowNanos + bytes * NANOS_PER_BYTE) {
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
