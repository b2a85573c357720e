package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import java.util.HashMap;
import java.util.Map;

/**
 * What a draft would do to the servers' pressures.
 *
 * <p>A server's pressure is taken to be its partitions' doing, each in proportion to its
 * operations. A partition takes its part along, scaled by the two servers' weights: what is a tenth
 * of a server is a twentieth of one of twice the weight. It is an estimate; what other things load
 * a server with stays where it is only in so far as it shows in no partition.
 */
final class Pressures {

  private final Map<ServerId, Double> pressures = new HashMap<>();
  private final Map<ServerId, Double> weights = new HashMap<>();
  private final Map<ServerId, Double> operations = new HashMap<>();
  private final Map<ServerId, Double> measured = new HashMap<>();

  Pressures(ClusterStanding standing) {
    for (ServerStanding server : standing.servers()) {
      pressures.put(server.id(), server.pressure());
      measured.put(server.id(), server.pressure());
      weights.put(server.id(), server.weight());
    }
    for (VolumeStanding volume : standing.volumes()) {
      for (PartitionStanding partition : volume.partitions()) {
        operations.merge(partition.owner(), partition.operationsPerSecond(), Double::sum);
      }
    }
  }

  /** The pressures with all moves of a draft made. */
  static Pressures after(ClusterStanding standing, Draft draft) {
    Pressures pressures = new Pressures(standing);
    for (int v = 0; v < draft.volumes(); v++) {
      for (int p = 0; p < draft.partitions(v); p++) {
        Draft.Place place = new Draft.Place(v, p);
        pressures.move(draft.partition(place), draft.owner(place));
      }
    }
    return pressures;
  }

  double of(ServerId server) {
    return pressures.getOrDefault(server, 0.0);
  }

  /** What a partition puts on a server, wherever it is now. */
  double of(PartitionStanding partition, ServerId at) {
    double total = operations.getOrDefault(partition.owner(), 0.0);
    if (total <= 0) {
      return 0;
    }
    double there =
        measured.getOrDefault(partition.owner(), 0.0) * partition.operationsPerSecond() / total;
    return there * weights.getOrDefault(partition.owner(), 1.0) / weights.getOrDefault(at, 1.0);
  }

  private void move(PartitionStanding partition, ServerId to) {
    shift(partition, partition.owner(), to);
  }

  void shift(PartitionStanding partition, ServerId from, ServerId to) {
    if (!from.equals(to)) {
      pressures.merge(from, -of(partition, from), Double::sum);
      pressures.merge(to, of(partition, to), Double::sum);
    }
  }
}
