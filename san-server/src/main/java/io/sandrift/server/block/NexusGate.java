package io.sandrift.server.block;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The way in to one owner's share of a volume for one nexus at one epoch. All its I/O passes here,
 * is counted while it is under way, and finds the gate shut once the nexus has logged in anew.
 *
 * <p>Shutting answers only when nothing is under way any more: whoever then lets the newer epoch in
 * knows that nothing older can follow. Safe for all threads.
 */
public final class NexusGate {

  private static final long SHUT = 1L << 62;

  private final String nexus;
  private final long epoch;
  private final int opening;

  /** Set once, before the gate is shown to anybody else. */
  private volatile @Nullable Runnable onFenced;

  /** Requests under way, and whether it is shut. */
  private final AtomicLong state = new AtomicLong();

  private volatile @Nullable Runnable whenQuiet;

  NexusGate(String nexus, long epoch, int opening, @Nullable Runnable onFenced) {
    this.nexus = nexus;
    this.epoch = epoch;
    this.opening = opening;
    this.onFenced = onFenced;
  }

  /** The nexus: its initiator port's name. */
  public String nexus() {
    return nexus;
  }

  /** Grows with each login of the nexus, anywhere. */
  public long epoch() {
    return epoch;
  }

  /** Grows with each opening at the same epoch; see {@link NexusGates#open}. */
  int opening() {
    return opening;
  }

  /** Counts a request in; false if the gate is shut. */
  boolean enter() {
    if ((state.incrementAndGet() & SHUT) == 0) {
      return true;
    }
    leave();
    return false;
  }

  /** Counts a request out. */
  void leave() {
    if (state.decrementAndGet() == SHUT) {
      quiet();
    }
  }

  boolean isShut() {
    return (state.get() & SHUT) != 0;
  }

  /**
   * Lets nothing in any more.
   *
   * @param fenced whether the nexus has logged in anew; its present user is told, once
   * @param quiet run when nothing is under way, perhaps at once
   */
  void shut(boolean fenced, Runnable quiet) {
    Runnable listener;
    synchronized (this) {
      Runnable earlier = whenQuiet;
      whenQuiet =
          earlier == null
              ? quiet
              : () -> {
                earlier.run();
                quiet.run();
              };
      listener = fenced ? onFenced : null;
      onFenced = null;
    }
    long before = state.getAndUpdate(value -> value | SHUT);
    if ((before & ~SHUT) == 0) {
      quiet();
    }
    if (listener != null) {
      listener.run();
    }
  }

  private void quiet() {
    Runnable waiting;
    synchronized (this) {
      waiting = whenQuiet;
      whenQuiet = null;
    }
    if (waiting != null) {
      waiting.run();
    }
  }
}
