package io.sandrift.load.pressure;

import java.time.Duration;

/**
 * What counts as saturated, for those resources that have no learned limit. The defaults are what
 * docs/load.md explains.
 *
 * @param latencyRatio how many times its unloaded value the 99th percentile is when a server counts
 *     as saturated by latency; above 1
 * @param depthShare from which share of the knee on the latency counts in full: below it, one slow
 *     command more or less says little; above 0
 * @param dirtyBytes unflushed bytes that count as saturated; above 0
 * @param flushTime mean time of a flush that counts as saturated; above 0
 * @param cpuGuard share of the processors from which they count at all; 0 to below 1
 */
public record PressureScale(
    double latencyRatio, double depthShare, long dirtyBytes, Duration flushTime, double cpuGuard) {

  public static final PressureScale DEFAULT =
      new PressureScale(100, 0.25, 4L << 30, Duration.ofSeconds(2), 0.85);

  public PressureScale {
    if (latencyRatio <= 1
        || depthShare <= 0
        || dirtyBytes <= 0
        || flushTime.isNegative()
        || flushTime.isZero()
        || cpuGuard < 0
        || cpuGuard >= 1) {
      throw new IllegalArgumentException(
          "a pressure scale has a latency ratio above 1, limits above 0 and a guard below 1");
    }
  }
}
