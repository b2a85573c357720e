package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A plan in the making: who would own what. Used by one thread.
 *
 * <p>Room is counted carefully: a server that gives a partition away has its space back only when
 * the move has ended and its slots are zeroed, so that it doesn't count, whatever the order of the
 * moves.
 */
final class Draft {

  /** A partition by its place in the standing. */
  record Place(int volume, int partition) {}

  private final ClusterStanding standing;
  private final PlanRequest request;
  private final List<List<ServerId>> owners = new ArrayList<>();
  private final Map<ServerId, Long> room = new HashMap<>();
  private final Map<ServerId, ServerStanding> servers = new TreeMap<>();

  Draft(ClusterStanding standing, PlanRequest request) {
    this.standing = standing;
    this.request = request;
    for (VolumeStanding volume : standing.volumes()) {
      owners.add(
          new ArrayList<>(volume.partitions().stream().map(PartitionStanding::owner).toList()));
    }
    for (ServerStanding server : standing.servers()) {
      servers.put(server.id(), server);
      room.put(server.id(), server.roomBytes());
    }
  }

  /** The live servers that partitions may be with afterwards, by id: none that leaves or drains. */
  List<ServerStanding> staying() {
    return servers.values().stream()
        .filter(server -> !request.remove().contains(server.id()) && !server.isDraining())
        .toList();
  }

  int volumes() {
    return standing.volumes().size();
  }

  /** Whether the volume's partitions may move. */
  boolean mayMove(int volume) {
    return request.volumes().isEmpty()
        || request.volumes().contains(standing.volumes().get(volume).name());
  }

  int partitions(int volume) {
    return standing.volumes().get(volume).partitions().size();
  }

  PartitionStanding partition(Place place) {
    return standing.volumes().get(place.volume()).partitions().get(place.partition());
  }

  long bytes(Place place) {
    return partition(place).usedBytes();
  }

  ServerId owner(Place place) {
    return owners.get(place.volume()).get(place.partition());
  }

  /** The partitions of a volume that a server would own. */
  List<Place> owned(int volume, ServerId server) {
    List<Place> owned = new ArrayList<>();
    List<ServerId> all = owners.get(volume);
    for (int p = 0; p < all.size(); p++) {
      if (all.get(p).equals(server)) {
        owned.add(new Place(volume, p));
      }
    }
    return owned;
  }

  /** The partitions that a server would own and that may move. */
  List<Place> movable(ServerId server) {
    List<Place> movable = new ArrayList<>();
    for (int volume = 0; volume < volumes(); volume++) {
      if (mayMove(volume)) {
        movable.addAll(owned(volume, server));
      }
    }
    return movable;
  }

  long volumeBytes(int volume) {
    return standing.volumes().get(volume).partitions().stream()
        .mapToLong(PartitionStanding::usedBytes)
        .sum();
  }

  long bytesOf(List<Place> places) {
    return places.stream().mapToLong(this::bytes).sum();
  }

  /** What a server would hold in partitions. */
  long usedBytes(ServerId server) {
    long used = 0;
    for (int volume = 0; volume < volumes(); volume++) {
      used += bytesOf(owned(volume, server));
    }
    return used;
  }

  long room(ServerId server) {
    return room.getOrDefault(server, 0L);
  }

  /** Whether the server can take the partition; what it had from the beginning, it can. */
  boolean fits(Place place, ServerId server) {
    return partition(place).owner().equals(server) || bytes(place) <= room(server);
  }

  void move(Place place, ServerId to) {
    ServerId original = partition(place).owner();
    ServerId current = owner(place);
    if (!current.equals(original)) {
      room.merge(current, bytes(place), Long::sum);
    }
    if (!to.equals(original)) {
      room.merge(to, -bytes(place), Long::sum);
    }
    owners.get(place.volume()).set(place.partition(), to);
  }

  /** What it has come to: volume by volume, the largest partitions last. */
  List<Move> moves() {
    List<Move> moves = new ArrayList<>();
    for (int v = 0; v < volumes(); v++) {
      VolumeStanding volume = standing.volumes().get(v);
      for (int p = 0; p < owners.get(v).size(); p++) {
        PartitionStanding before = volume.partitions().get(p);
        ServerId after = owners.get(v).get(p);
        if (!after.equals(before.owner())) {
          moves.add(
              new Move(volume.name(), volume.id(), p, before.owner(), after, before.usedBytes()));
        }
      }
    }
    moves.sort(Comparator.comparing(Move::volume).thenComparingLong(Move::bytes));
    return moves;
  }

  List<ServerEffect> effects(Pressures before, Pressures after) {
    List<ServerEffect> effects = new ArrayList<>();
    for (ServerStanding server : servers.values()) {
      ServerId id = server.id();
      int hadPartitions = 0;
      long hadBytes = 0;
      int hasPartitions = 0;
      for (int v = 0; v < volumes(); v++) {
        for (PartitionStanding partition : standing.volumes().get(v).partitions()) {
          if (partition.owner().equals(id)) {
            hadPartitions++;
            hadBytes += partition.usedBytes();
          }
        }
        hasPartitions += owned(v, id).size();
      }
      effects.add(
          new ServerEffect(
              id,
              hadPartitions,
              hasPartitions,
              hadBytes,
              usedBytes(id),
              server.capacityBytes(),
              before.of(id),
              after.of(id)));
    }
    return effects;
  }
}
