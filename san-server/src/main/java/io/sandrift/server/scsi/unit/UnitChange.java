package io.sandrift.server.scsi.unit;

import java.util.Optional;

/**
 * What a command makes of the state: pure, for it is asked again when another server's change came
 * first.
 *
 * @param <R> what the command is answered
 */
@FunctionalInterface
public interface UnitChange<R> {

  Step<R> from(UnitState now);

  /**
   * A step.
   *
   * @param next the next state; empty when nothing changes
   */
  record Step<R>(Optional<UnitState> next, R answer) {

    static <R> Step<R> unchanged(R answer) {
      return new Step<>(Optional.empty(), answer);
    }

    static <R> Step<R> to(UnitState next, R answer) {
      return new Step<>(Optional.of(next), answer);
    }
  }
}
