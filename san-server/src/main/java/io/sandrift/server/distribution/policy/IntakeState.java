package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Who is the intake of a type of service. Each change has an epoch of its own, one more than the
 * one before; whoever has seen a higher epoch refuses a lower one, and as the change is made by
 * compare-and-set, there are never two intakes of one epoch.
 *
 * @param service the type of service
 * @param intake who; null when the designation is free: nobody has taken it yet, or the last intake
 *     has given it up
 * @param previous the intake before; null when there was none
 * @param epoch 0 when there has never been an intake, one more with each change
 * @param since when it became so, by the clock of who made the change
 */
public record IntakeState(
    String service,
    @Nullable ServerId intake,
    @Nullable ServerId previous,
    long epoch,
    Instant since) {

  public IntakeState {
    if (epoch < 0) {
      throw new IllegalArgumentException("epoch is " + epoch + ", expected 0 or more");
    }
  }

  /** Before the first intake. */
  public static IntakeState initial(String service) {
    return new IntakeState(service, null, null, 0, Instant.EPOCH);
  }

  /** The next state: {@code server} has the designation. */
  public IntakeState takenBy(ServerId server, Instant now) {
    if (server.equals(intake)) {
      throw new IllegalArgumentException(server + " is the intake of " + service + " already");
    }
    return new IntakeState(service, server, intake == null ? previous : intake, epoch + 1, now);
  }

  /** The next state: the intake has given the designation up, and nobody has it yet. */
  public IntakeState givenUp(Instant now) {
    if (intake == null) {
      throw new IllegalArgumentException("nobody is the intake of " + service);
    }
    return new IntakeState(service, null, intake, epoch + 1, now);
  }

  /** Whether this comes after the other. */
  public boolean isAfter(IntakeState other) {
    return epoch > other.epoch;
  }
}
