package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.repartition.Draft.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes plans.
 *
 * <p>The least possible bytes, which no plan to the same end can go below, are: for a server that
 * leaves, all that it has; for one that joins, its share by weight of each volume's bytes, less
 * what it has of them; for a rebalancing by capacity, what servers have above their shares. A plan
 * moves no more than that for servers that join or leave: partitions are indivisible, so that a
 * server that joins may get up to one partition less than its share, never more.
 *
 * <p>A server's share is counted in partitions of each volume (so that every volume stays striped
 * over all), and which partitions go is chosen so that the bytes come to the same share.
 */
public final class Planner {

  private final ClusterStanding standing;
  private final PlanRequest request;
  private final Draft draft;
  private long leastBytes;

  private Planner(ClusterStanding standing, PlanRequest request) {
    this.standing = standing;
    this.request = request;
    this.draft = new Draft(standing, request);
  }

  /**
   * Plans.
   *
   * @param bytesPerSecond the rate at which the plan would run, for weighing a move's cost; 0 or
   *     less when unknown
   */
  public static Planning plan(
      ClusterStanding standing, PlanRequest request, double bytesPerSecond) {
    return new Planner(standing, request).plan(bytesPerSecond);
  }

  private Planning plan(double bytesPerSecond) {
    Optional<String> refusal = check().or(this::removeServers);
    if (refusal.isPresent()) {
      return new Planning.Refused(refusal.get());
    }
    for (ServerId server : request.add().stream().sorted().toList()) {
      addServer(server);
    }
    switch (request.rebalance()) {
      case CAPACITY -> leastBytes += CapacityBalance.apply(draft);
      case LOAD -> LoadBalance.apply(draft, new Pressures(standing), bytesPerSecond);
      case NONE -> {}
    }
    List<Move> moves = draft.moves();
    long bytes = moves.stream().mapToLong(Move::bytes).sum();
    if (request.rebalance() == Rebalance.LOAD && request.add().isEmpty()) {
      // Which pressures can be reached with how few bytes nobody knows without trying all.
      leastBytes = bytes;
    }
    return new Planning.Planned(
        new Plan(
            request.toString(),
            moves,
            leastBytes,
            draft.effects(new Pressures(standing), Pressures.after(standing, draft))));
  }

  private Optional<String> check() {
    for (ServerId server : request.add()) {
      if (standing.server(server).isEmpty()) {
        return Optional.of(
            "server '" + server + "' is not alive; start it, then repeat" + alternatives());
      }
      if (standing.server(server).get().isDraining()) {
        return Optional.of(drains(server));
      }
    }
    for (ServerId server : request.remove()) {
      if (standing.server(server).isEmpty() && owns(server)) {
        return Optional.of(
            "server '"
                + server
                + "' is not alive, and its partitions can't be copied from anywhere else; start it"
                + " again, then repeat; if its data directory is lost for good, start it anew with"
                + " store.replaces");
      }
    }
    for (VolumeName volume : request.volumes()) {
      if (standing.volumes().stream().noneMatch(known -> known.name().equals(volume))) {
        return Optional.of("there is no volume '" + volume + "'");
      }
    }
    if (draft.staying().isEmpty()) {
      return Optional.of(
          "no server would be left to take the partitions, as none may that is being drained; start"
              + " another one first");
    }
    return Optional.empty();
  }

  /** Why nothing moves to a server that is being emptied. */
  public static String drains(ServerId server) {
    return "server '"
        + server
        + "' is being drained, so that nothing moves there; 'sandrift server undrain "
        + server
        + "' lets it take partitions again";
  }

  private String alternatives() {
    return standing.servers().isEmpty()
        ? ""
        : standing.servers().stream()
            .map(server -> server.id().value())
            .sorted()
            .collect(Collectors.joining(", ", " (alive: ", ")"));
  }

  private boolean owns(ServerId server) {
    for (int volume = 0; volume < draft.volumes(); volume++) {
      if (draft.mayMove(volume) && !draft.owned(volume, server).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  // ---- Servers that leave.

  private Optional<String> removeServers() {
    List<Place> homeless = new ArrayList<>();
    for (ServerId server : request.remove()) {
      homeless.addAll(draft.movable(server));
    }
    // The largest first, as they are the hardest to place.
    homeless.sort(
        Comparator.comparingLong(draft::bytes)
            .reversed()
            .thenComparingInt(Place::volume)
            .thenComparingInt(Place::partition));
    long bytes = draft.bytesOf(homeless);
    List<ServerStanding> before = draft.staying();
    for (Place place : homeless) {
      Optional<ServerStanding> best =
          draft.staying().stream()
              .filter(server -> draft.fits(place, server.id()))
              .max(
                  Comparator.<ServerStanding>comparingDouble(server -> want(place.volume(), server))
                      .thenComparingLong(server -> draft.room(server.id())));
      if (best.isEmpty()) {
        return Optional.of(noRoom(bytes, place, before));
      }
      draft.move(place, best.get().id());
    }
    leastBytes += bytes;
    return Optional.empty();
  }

  /** How many partitions of the volume a server lacks to its share. */
  private double want(int volume, ServerStanding server) {
    return share(server) * draft.partitions(volume) - draft.owned(volume, server.id()).size();
  }

  private double share(ServerStanding server) {
    return server.weight() / draft.staying().stream().mapToDouble(ServerStanding::weight).sum();
  }

  private String noRoom(long bytes, Place stuck, List<ServerStanding> servers) {
    return "the plan doesn't fit: "
        + new ByteSize(bytes)
        + " have to find a place, and "
        + servers.stream()
            .map(
                server ->
                    server.id()
                        + " has room for "
                        + new ByteSize(server.roomBytes())
                        + " of "
                        + new ByteSize(server.capacityBytes()))
            .collect(Collectors.joining(", "))
        + "; none could take partition "
        + stuck.partition()
        + " of volume '"
        + standing.volumes().get(stuck.volume()).name()
        + "' ("
        + new ByteSize(draft.bytes(stuck))
        + ") any more. Add a server, or delete something";
  }

  // ---- Servers that join.

  private void addServer(ServerId id) {
    ServerStanding server = standing.server(id).orElseThrow();
    double share = share(server);
    double least = 0;
    long moved = 0;
    double carried = 0;
    for (int volume = 0; volume < draft.volumes(); volume++) {
      if (!draft.mayMove(volume)) {
        continue;
      }
      List<Place> has = draft.owned(volume, id);
      least += Math.max(0, share * draft.volumeBytes(volume) - draft.bytesOf(has));
      // Shares smaller than a partition add up over the volumes.
      double lacking = share * draft.partitions(volume) - has.size();
      carried += lacking;
      long wanted = (long) Math.min(Math.floor(carried + 1e-9), Math.ceil(lacking));
      for (; wanted > 0; wanted--) {
        double ideal = (least - moved) / wanted;
        Optional<Place> taken = take(volume, id, ideal, least - moved);
        if (taken.isEmpty()) {
          break;
        }
        draft.move(taken.get(), id);
        moved += draft.bytes(taken.get());
        carried--;
      }
      carried = Math.max(-draft.partitions(volume), carried);
    }
    leastBytes += (long) Math.ceil(least);
  }

  /**
   * A partition for a server that joins: of the server that has most of the volume for its weight,
   * the one whose size is nearest to {@code ideal}.
   */
  private Optional<Place> take(int volume, ServerId to, double ideal, double most) {
    List<ServerStanding> donors =
        draft.staying().stream()
            .filter(server -> !server.id().equals(to) && !request.add().contains(server.id()))
            .filter(server -> want(volume, server) < 0)
            .sorted(Comparator.comparingDouble(server -> want(volume, server)))
            .toList();
    for (ServerStanding donor : donors) {
      Optional<Place> nearest =
          draft.owned(volume, donor.id()).stream()
              .filter(place -> draft.bytes(place) <= most + 0.5 && draft.fits(place, to))
              .min(
                  Comparator.<Place>comparingDouble(place -> Math.abs(draft.bytes(place) - ideal))
                      .thenComparingInt(Place::partition));
      if (nearest.isPresent()) {
        return nearest;
      }
    }
    return Optional.empty();
  }
}
