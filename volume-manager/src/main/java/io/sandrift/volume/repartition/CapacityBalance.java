package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.repartition.Draft.Place;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Evens out how full servers are: from the one that is most above its share of the bytes to the one
 * that is most below, as long as a partition fits between. Each move lies within both gaps, so that
 * in all no more is moved than what is above.
 */
final class CapacityBalance {

  /** A partition makes at most a few moves; more rounds than that mean a mistake here. */
  private static final int MAX_MOVES = 1 << 20;

  private CapacityBalance() {}

  /**
   * Adds the moves to a draft.
   *
   * @return the least bytes that take every server to its share: the sum of what is above
   */
  static long apply(Draft draft) {
    List<ServerStanding> servers = draft.staying();
    double capacity = servers.stream().mapToDouble(ServerStanding::capacityBytes).sum();
    if (capacity <= 0) {
      return 0;
    }
    long used = 0;
    Map<ServerId, Double> above = new HashMap<>();
    for (ServerStanding server : servers) {
      long own = draft.usedBytes(server.id());
      used += own;
      above.put(server.id(), (double) own);
    }
    for (ServerStanding server : servers) {
      above.merge(server.id(), -(used * (server.capacityBytes() / capacity)), Double::sum);
    }
    double least = above.values().stream().mapToDouble(gap -> Math.max(0, gap)).sum();
    for (int round = 0; round < MAX_MOVES; round++) {
      if (!moveOne(draft, servers, above)) {
        return (long) Math.ceil(least);
      }
    }
    throw new IllegalStateException("balancing doesn't come to an end");
  }

  private static boolean moveOne(
      Draft draft, List<ServerStanding> servers, Map<ServerId, Double> above) {
    Comparator<ServerStanding> byGap =
        Comparator.comparingDouble(server -> above.getOrDefault(server.id(), 0.0));
    for (ServerStanding from : servers.stream().sorted(byGap.reversed()).toList()) {
      double surplus = above.getOrDefault(from.id(), 0.0);
      for (ServerStanding to : servers.stream().sorted(byGap).toList()) {
        double gap = Math.min(surplus, -above.getOrDefault(to.id(), 0.0));
        if (gap < 1) {
          break;
        }
        Optional<Place> largest =
            draft.movable(from.id()).stream()
                .filter(place -> draft.bytes(place) > 0 && draft.bytes(place) <= gap)
                .filter(place -> draft.fits(place, to.id()))
                .max(Comparator.comparingLong(draft::bytes));
        if (largest.isPresent()) {
          draft.move(largest.get(), to.id());
          above.merge(from.id(), -(double) draft.bytes(largest.get()), Double::sum);
          above.merge(to.id(), (double) draft.bytes(largest.get()), Double::sum);
          return true;
        }
      }
    }
    return false;
  }
}
