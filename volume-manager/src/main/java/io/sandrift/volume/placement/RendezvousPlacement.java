package io.sandrift.volume.placement;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Weighted rendezvous hashing. Every server draws a score for every partition, which depends on
 * nothing but the server, its weight and the partition; the best scores win. So a server that joins
 * takes partitions only to itself, one that leaves gives away only its own, and a changed weight
 * moves only what it must.
 *
 * <p>The score of a server of weight w is -w / ln(h), h being its hash as a number between 0 and 1;
 * with it the chance to win is exactly proportional to w.
 */
public final class RendezvousPlacement {

  private final Map<ServerId, Double> weights;

  /**
   * @param weights the servers to choose from, at least one, and the share of each relative to the
   *     others, greater than 0
   */
  public RendezvousPlacement(Map<ServerId, Double> weights) {
    this.weights = Map.copyOf(weights);
    if (this.weights.isEmpty()) {
      throw new IllegalArgumentException("no server to place partitions at");
    }
    this.weights.forEach(
        (server, weight) -> {
          if (!(weight > 0) || weight.isInfinite()) {
            throw new IllegalArgumentException(
                "weight " + weight + " of server " + server + " is not a positive number");
          }
        });
  }

  /**
   * The servers for one partition, best first.
   *
   * @param replicas how many are wanted, 1 or more; fewer are returned if there are fewer servers
   */
  public List<ServerId> choose(VolumeId volume, int partition, int replicas) {
    if (replicas < 1) {
      throw new IllegalArgumentException("replicas " + replicas + " is less than 1");
    }
    record Scored(ServerId server, double score) {}
    return weights.entrySet().stream()
        .map(
            entry ->
                new Scored(
                    entry.getKey(), score(volume, partition, entry.getKey(), entry.getValue())))
        .sorted(Comparator.comparingDouble(Scored::score).reversed().thenComparing(Scored::server))
        .limit(replicas)
        .map(Scored::server)
        .toList();
  }

  private static double score(VolumeId volume, int partition, ServerId server, double weight) {
    long hash = mix(volume.value().getMostSignificantBits());
    hash = mix(hash ^ volume.value().getLeastSignificantBits());
    hash = mix(hash ^ partition);
    String name = server.value();
    for (int i = 0; i < name.length(); i++) {
      hash = mix(hash ^ name.charAt(i));
    }
    // 53 bits and a half step, so that it is never 0 nor 1.
    double uniform = ((hash >>> 11) + 0.5) * 0x1.0p-53;
    return -weight / Math.log(uniform);
  }

  /** Spreads every bit of the input over the output (an odd multiplier and xor-shifts, twice). */
  private static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
