package io.sandrift.server.unit;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long this server may go on believing that it is a member, and so hears of every change.
 *
 * <p>Once in a while ZooKeeper is asked whether the membership still stands. If it does, then it
 * had heard from this server after the question was sent, and so will not end the membership before
 * the session timeout has passed since then. Two thirds of that are the lease: the rest is for
 * clocks that differ in speed, and for what ZooKeeper's own members know of each other.
 *
 * <pre>
 *   asked ─────── answered ─────────── lease ends ──────── membership may end, and others go on
 *     └───────────── 2/3 of the session timeout ──┘                                 without us
 * </pre>
 */
final class MembershipLease {

  private record Term(long membership, long untilNanos) {}

  private final long lengthNanos;
  private final LongSupplier nanoClock;
  private volatile Term term;

  /**
   * @param sessionTimeout after which ZooKeeper ends a membership that it doesn't hear of
   */
  MembershipLease(Duration sessionTimeout, LongSupplier nanoClock) {
    this.lengthNanos = sessionTimeout.toNanos() * 2 / 3;
    this.nanoClock = nanoClock;
    this.term = new Term(0, nanoClock.getAsLong());
  }

  /** The number of the membership that surely stands now; 0 if that isn't sure. Any thread. */
  long current() {
    Term now = term;
    return now.membership() != 0 && nanoClock.getAsLong() - now.untilNanos() < 0
        ? now.membership()
        : 0;
  }

  /** The number of the membership that was confirmed last, 0 when it has ended. */
  long last() {
    return term.membership();
  }

  /**
   * ZooKeeper has confirmed a membership.
   *
   * @param askedNanos when it was asked
   * @return whether it is another one than before
   */
  boolean confirm(long membership, long askedNanos) {
    boolean isNew = membership != term.membership();
    term = new Term(membership, askedNanos + lengthNanos);
    return isNew;
  }

  /** There is no membership now. */
  void end() {
    term = new Term(0, nanoClock.getAsLong());
  }
}
