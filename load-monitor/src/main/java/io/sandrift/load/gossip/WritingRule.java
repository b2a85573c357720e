package io.sandrift.load.gossip;

import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.sample.Sample;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When a sample is worth writing: when it differs enough from the last that was written, and not
 * too soon after it; and in any case at the heartbeat. Confined to the thread of its monitor.
 */
public final class WritingRule {

  /** A change of pressure that others should know of: absolute, and relative to what it was. */
  private static final double ABSOLUTE = 0.05;

  private static final double RELATIVE = 0.1;

  private @Nullable Instant lastAt;
  private double lastPressure;
  private int lastSessions;

  /** Whether the sample is to be written now; if so, it is taken for written. */
  public boolean isDue(Sample sample, Pressure pressure, GossipPace pace, Instant now) {
    if (lastAt != null) {
      Duration since = Duration.between(lastAt, now);
      // A clock that was set back must not silence the monitor.
      boolean isTooSoon = !since.isNegative() && since.compareTo(pace.shortest()) < 0;
      boolean isLate = since.isNegative() || since.compareTo(pace.heartbeat()) >= 0;
      if (isTooSoon || !(isLate || differs(sample, pressure))) {
        return false;
      }
    }
    lastAt = now;
    lastPressure = pressure.value();
    lastSessions = sample.sessions();
    return true;
  }

  private boolean differs(Sample sample, Pressure pressure) {
    double change = Math.abs(pressure.value() - lastPressure);
    return sample.sessions() != lastSessions
        || change > Math.max(ABSOLUTE, RELATIVE * lastPressure);
  }
}
