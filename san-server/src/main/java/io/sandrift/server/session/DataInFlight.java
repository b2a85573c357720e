package io.sandrift.server.session;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much received data of all sessions waits for the store. Shared by all event loops.
 *
 * <p>A session that finds too much of it stops reading from its connection until its own have been
 * taken: so the sum is bounded by the limit and, for each session, what one read brings.
 */
public final class DataInFlight {

  private final long limit;
  private final AtomicLong bytes = new AtomicLong();

  /**
   * @param limit in bytes, 1 or more
   */
  public DataInFlight(long limit) {
    this.limit = limit;
  }

  /** Counts data in; returns whether that makes too much. */
  boolean add(int length) {
    return bytes.addAndGet(length) > limit;
  }

  /** Counts data out; returns whether there is room for a good deal more. */
  boolean remove(int length) {
    return bytes.addAndGet(-length) <= limit / 2;
  }
}
