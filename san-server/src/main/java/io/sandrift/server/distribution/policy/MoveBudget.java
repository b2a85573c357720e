package io.sandrift.server.distribution.policy;

import java.time.Duration;
import java.time.Instant;

/** How many moves may begin: a rate, of which at most two seconds' worth are saved up. */
final class MoveBudget {

  private static final double SAVED_SECONDS = 2;

  private double tokens;
  private Instant filledAt = Instant.EPOCH;

  /** Fills it up to now, at a rate per second. */
  void fill(double rate, Instant now) {
    double most = Math.max(1, rate * SAVED_SECONDS);
    double seconds =
        filledAt.equals(Instant.EPOCH)
            ? 1
            : Math.max(0, Duration.between(filledAt, now).toMillis() / 1000.0);
    tokens = Math.min(most, tokens + rate * seconds);
    filledAt = now;
  }

  /** Takes one move's worth out, if there is one. */
  boolean take() {
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }

  boolean isEmpty() {
    return tokens < 1;
  }
}
