package io.sandrift.volume.placement;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Weighted rendezvous hashing within even shares. How many partitions of a volume a server gets is
 * its share by weight, rounded down or up; over many volumes the mean is the share exactly. Which
 * ones is decided by scores, which depend on nothing but the volume, the partition, the server and
 * a weight.
 *
 * <p>The score for a weight w is -w / ln(h), h being a hash as a number between 0 and 1; with it
 * the chance to win is exactly proportional to w. That chance alone would give one of two servers
 * all the partitions of every 128th volume of eight, and such a volume would be as fast as the
 * server that has most of it.
 */
public final class RendezvousPlacement {

  /** In place of a partition's number where the hash is for the volume as a whole. */
  private static final int WHOLE = -1;

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
   * The server of each partition, in their order: of every server, its share by weight, rounded
   * down or up.
   *
   * @param partitions how many the volume has, 1 or more
   */
  public List<ServerId> place(VolumeId volume, int partitions) {
    if (partitions < 1) {
      throw new IllegalArgumentException("a volume of " + partitions + " partitions");
    }
    Map<ServerId, Integer> left = shares(volume, partitions);
    List<ServerId> placed = new ArrayList<>(partitions);
    for (int p = 0; p < partitions; p++) {
      // By how many a server still gets, so that it may be any partition as likely as another.
      ServerId best = byScore(volume, p, left).get(0);
      left.computeIfPresent(best, (server, count) -> count == 1 ? null : count - 1);
      placed.add(best);
    }
    return placed;
  }

  /**
   * How many partitions each server gets, if any: its share, rounded so that the sum is right.
   *
   * <p>Systematic sampling: the shares are laid end to end along a line, in an order that differs
   * from volume to volume, and marks one partition apart, the first of them anywhere, are counted
   * to the server whose share they fall into.
   */
  private Map<ServerId, Integer> shares(VolumeId volume, int partitions) {
    double all = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    double end = uniform(hash(volume, WHOLE));
    int counted = 0;
    Map<ServerId, Integer> shares = new HashMap<>();
    List<ServerId> order = byScore(volume, WHOLE, weights);
    for (ServerId server : order) {
      end += partitions * (Objects.requireNonNull(weights.get(server)) / all);
      // The last one's end is known better than by summing up.
      boolean isLast = server.equals(order.get(order.size() - 1));
      int upTo = isLast ? partitions : Math.min(partitions, (int) end);
      if (upTo > counted) {
        shares.put(server, upTo - counted);
        counted = upTo;
      }
    }
    return shares;
  }

  /** The servers, that with the best score first. */
  private static List<ServerId> byScore(
      VolumeId volume, int partition, Map<ServerId, ? extends Number> weights) {
    record Scored(ServerId server, double score) {}
    return weights.entrySet().stream()
        .map(
            each ->
                new Scored(
                    each.getKey(),
                    score(volume, partition, each.getKey(), each.getValue().doubleValue())))
        .sorted(Comparator.comparingDouble(Scored::score).reversed().thenComparing(Scored::server))
        .map(Scored::server)
        .toList();
  }

  private static double score(VolumeId volume, int partition, ServerId server, double weight) {
    long hash = hash(volume, partition);
    String name = server.value();
    for (int i = 0; i < name.length(); i++) {
      hash = mix(hash ^ name.charAt(i));
    }
    return -weight / Math.log(uniform(hash));
  }

  private static long hash(VolumeId volume, int partition) {
    long hash = mix(volume.value().getMostSignificantBits());
    hash = mix(hash ^ volume.value().getLeastSignificantBits());
    return mix(hash ^ partition);
  }

  /** A hash as a number between 0 and 1. */
  private static double uniform(long hash) {
    // 52 bits and a half step, so that it is never 0 nor 1.
    return ((hash >>> 12) + 0.5) * 0x1.0p-52;
  }

  /** Spreads every bit of the input over the output (an odd multiplier and xor-shifts, twice). */
  private static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
