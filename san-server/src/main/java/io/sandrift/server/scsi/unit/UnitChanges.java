package io.sandrift.server.scsi.unit;

/** How changes of a unit's state are made on all of its servers. Safe to call from any thread. */
public interface UnitChanges {

  /**
   * Makes a change. It must not block; the listener is called exactly once, on any thread, when no
   * server goes by the state before it any more, or with {@link Outcome.Busy}.
   *
   * @param <R> what the change is answered
   */
  <R> void submit(SharedUnit unit, UnitChange<R> change, Listener<R> listener);

  /** Receives the end of a change. */
  @FunctionalInterface
  interface Listener<R> {
    void done(Outcome<R> outcome);
  }

  /** How a change ended. */
  sealed interface Outcome<R> {
    /** It holds, everywhere; or nothing had to change. */
    record Made<R>(R answer) implements Outcome<R> {}

    /**
     * The servers can't agree now: too many changes at once, or one of them, or what they agree
     * through, can't be reached. Nothing has changed, or what has changed isn't known to hold
     * everywhere yet.
     */
    record Busy<R>() implements Outcome<R> {}
  }
}
