package io.sandrift.server.repartition;

import io.sandrift.server.block.PartitionTraffic;
import io.sandrift.volume.catalog.VolumeId;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rates of this server's partitions: of the traffic since the last look, smoothed over about a
 * minute, so that a plan isn't made from one moment. Used by one thread.
 */
final class PartitionRates {

  static final Duration INTERVAL = Duration.ofSeconds(5);

  private static final double SMOOTHING_SECONDS = 20;

  private record Place(VolumeId volume, int partition) {}

  private record Known(PartitionTraffic traffic, PartitionRate rate) {}

  private Map<Place, Known> known = new HashMap<>();
  private long lastNanos;

  /** Looks at the counters. */
  void measure(List<HostedVolume> volumes, long nowNanos) {
    Map<Place, Known> next = new HashMap<>();
    double seconds = Math.max(1e-3, (nowNanos - lastNanos) / 1e9);
    double weight = 1 - Math.exp(-seconds / SMOOTHING_SECONDS);
    for (HostedVolume volume : volumes) {
      for (int p = 0; p < volume.layout().partitions(); p++) {
        if (!volume.owned().owns(p)) {
          continue;
        }
        Place place = new Place(volume.volume().id(), p);
        PartitionTraffic traffic = volume.owned().traffic(p);
        Known before = known.get(place);
        PartitionRate rate =
            before == null ? PartitionRate.NONE : smoothed(before, traffic, seconds, weight);
        next.put(place, new Known(traffic, rate));
      }
    }
    known = next;
    lastNanos = nowNanos;
  }

  PartitionRate of(VolumeId volume, int partition) {
    Known found = known.get(new Place(volume, partition));
    return found == null ? PartitionRate.NONE : found.rate;
  }

  private static PartitionRate smoothed(
      Known before, PartitionTraffic now, double seconds, double weight) {
    double operations = (now.operations() - before.traffic.operations()) / seconds;
    double bytes = (now.bytes() - before.traffic.bytes()) / seconds;
    return new PartitionRate(
        before.rate.operationsPerSecond()
            + weight * (operations - before.rate.operationsPerSecond()),
        before.rate.bytesPerSecond() + weight * (bytes - before.rate.bytesPerSecond()));
  }
}
