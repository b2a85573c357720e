package io.sandrift.volume.placement;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Weighted rendezvous hashing, made even. Every server draws a score for every partition, which
 * depends on nothing but the server, its weight and the partition; the best score wins, unless that
 * server has its share already.
 *
 * <p>The score of a server of weight w is -w / ln(h), h being its hash as a number between 0 and 1;
 * with it the chance to win is exactly proportional to w. A share is the part of the volume's
 * partitions that is due to the weight, rounded down or up. Chance alone would give one of two
 * servers all the partitions of every 128th volume of eight, and the volume would be as fast as the
 * server that has most of it.
 *
 * <p>Where a share is less than a partition the scores decide alone, so that small volumes spread
 * over all servers too.
 */
public final class RendezvousPlacement {

  /** Far less of a partition than any share that is meant, and more than sums are rounded by. */
  private static final double EXACT = 1e-9;

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
    List<Share> shares = shares(partitions);
    int rest = partitions - shares.stream().mapToInt(share -> share.whole).sum();
    List<ServerId> placed = new ArrayList<>(partitions);
    for (int p = 0; p < partitions; p++) {
      Share best = best(volume, p, shares, rest > 0);
      if (best.whole > 0) {
        best.whole--;
      } else {
        best.isFractional = false;
        rest--;
      }
      placed.add(best.server);
    }
    return placed;
  }

  /** What a server may still take of one volume. */
  private static final class Share {
    private final ServerId server;
    private final double weight;

    /** Whole partitions that are due to it. */
    private int whole;

    /** Whether a part of one is due to it as well: it may take one of those that are left. */
    private boolean isFractional;

    private Share(ServerId server, double weight, double partitions) {
      this.server = server;
      this.weight = weight;
      this.whole = (int) Math.floor(partitions + EXACT);
      this.isFractional = partitions - whole > EXACT;
    }
  }

  private List<Share> shares(int partitions) {
    double all = weights.values().stream().mapToDouble(Double::doubleValue).sum();
    return weights.entrySet().stream()
        .map(each -> new Share(each.getKey(), each.getValue(), partitions * each.getValue() / all))
        .toList();
  }

  /**
   * The server with the best score of those that may take the partition.
   *
   * @param isAnyLeft whether there are partitions beyond those that are due to servers as whole
   */
  private static Share best(VolumeId volume, int partition, List<Share> shares, boolean isAnyLeft) {
    record Scored(Share share, double score) {}
    return shares.stream()
        .filter(share -> share.whole > 0 || (isAnyLeft && share.isFractional))
        .map(share -> new Scored(share, score(volume, partition, share.server, share.weight)))
        .max(
            Comparator.comparingDouble(Scored::score)
                .thenComparing(scored -> scored.share().server))
        .orElseThrow()
        .share();
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
