package io.sandrift.server.distribution.policy;

import io.sandrift.load.sample.Sample;
import io.sandrift.load.view.ServerLoad;
import java.time.Duration;
import java.time.Instant;

/**
 * The time in which a server's last sample was measured, by this server's clock.
 *
 * @param from the window's beginning
 * @param to the window's end
 */
record Measured(Instant from, Instant to) {

  /** Nothing takes longer on its way; a larger difference is one between two clocks. */
  private static final Duration SLOWEST_GOSSIP = Duration.ofSeconds(30);

  private static final Measured NEVER = new Measured(Instant.EPOCH, Instant.EPOCH);

  static Measured of(ServerLoad load) {
    Sample sample = load.sample();
    if (sample == null) {
      return NEVER;
    }
    Duration underWay = Duration.between(sample.takenAt(), load.heardAt());
    if (underWay.isNegative() || underWay.compareTo(SLOWEST_GOSSIP) > 0) {
      underWay = Duration.ZERO;
    }
    Instant to = load.heardAt().minus(underWay);
    return new Measured(to.minus(sample.window()), to);
  }

  /** How much of what came or went at {@code moment} the sample doesn't show: 0 to 1. */
  double missing(Instant moment) {
    if (!moment.isBefore(to)) {
      return 1;
    }
    if (!moment.isAfter(from)) {
      return 0;
    }
    return (double) Duration.between(from, moment).toNanos() / Duration.between(from, to).toNanos();
  }
}
