package io.sandrift.load.gossip;

import io.sandrift.load.sample.SampleJson;
import java.time.Duration;

/**
 * How often and how much a monitor says, by the number of monitors, so that what each of them has
 * to hear stays bounded: with N monitors everybody hears N samples in each period, so the period
 * and the size give way as N grows.
 *
 * @param heartbeat the longest time between two samples
 * @param shortest the shortest time between two samples, and between two looks at the others'
 * @param maxBytes the most bytes of one sample
 */
public record GossipPace(Duration heartbeat, Duration shortest, int maxBytes) {

  /** How many heartbeats may be missed before a server is suspect. */
  private static final int MISSED = 4;

  /** Never sooner than this, so that a slow machine isn't suspected of being dead. */
  private static final Duration LEAST_PATIENCE = Duration.ofSeconds(5);

  /** Every monitor hears at most so many samples a second, heartbeats or not. */
  private static final int SAMPLES_HEARD_PER_SECOND = 100;

  private static final int BYTES_IN_A_ROUND = 192 << 10;
  private static final int LEAST_BYTES = 1024;
  private static final long HEARTBEAT_MILLIS = 2_000;
  private static final long SHORTEST_MILLIS = 500;

  /** The pace for a number of monitors, this one among them. */
  public static GossipPace forMonitors(int monitors) {
    int n = Math.max(1, monitors);
    long round = n * 1000L / SAMPLES_HEARD_PER_SECOND;
    return new GossipPace(
        Duration.ofMillis(Math.max(HEARTBEAT_MILLIS, 2 * round)),
        Duration.ofMillis(Math.max(SHORTEST_MILLIS, round)),
        Math.min(SampleJson.MAX_BYTES, Math.max(LEAST_BYTES, BYTES_IN_A_ROUND / n)));
  }

  /** After how long a silence a server is suspect. */
  public Duration patience() {
    Duration missed = heartbeat.multipliedBy(MISSED);
    return missed.compareTo(LEAST_PATIENCE) < 0 ? LEAST_PATIENCE : missed;
  }
}
