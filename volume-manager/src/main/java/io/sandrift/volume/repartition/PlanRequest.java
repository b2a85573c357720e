package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeName;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a plan is to achieve.
 *
 * @param add servers that are to get their share
 * @param remove servers that are to have nothing any more
 * @param rebalance what is evened out besides
 * @param volumes the volumes whose partitions may move; empty means all
 */
public record PlanRequest(
    Set<ServerId> add, Set<ServerId> remove, Rebalance rebalance, Set<VolumeName> volumes) {

  public PlanRequest {
    add = Set.copyOf(add);
    remove = Set.copyOf(remove);
    volumes = Set.copyOf(volumes);
    Objects.requireNonNull(rebalance, "rebalance");
    if (add.isEmpty() && remove.isEmpty() && rebalance == Rebalance.NONE) {
      throw new IllegalArgumentException(
          "nothing is asked for; say which server to add or remove, or what to rebalance");
    }
    if (add.stream().anyMatch(remove::contains)) {
      throw new IllegalArgumentException("a server can't be added and removed in one plan");
    }
  }

  /** A plan by which a server gets its share. */
  public static PlanRequest adding(ServerId server) {
    return new PlanRequest(Set.of(server), Set.of(), Rebalance.NONE, Set.of());
  }

  /** A plan by which a server gives all away. */
  public static PlanRequest removing(ServerId server) {
    return new PlanRequest(Set.of(), Set.of(server), Rebalance.NONE, Set.of());
  }

  /** A plan that evens out. */
  public static PlanRequest rebalancing(Rebalance rebalance) {
    return new PlanRequest(Set.of(), Set.of(), rebalance, Set.of());
  }

  /** In words: {@code add server-4, rebalance load}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    new TreeSet<>(add).forEach(server -> part(text, "add " + server));
    new TreeSet<>(remove).forEach(server -> part(text, "remove " + server));
    switch (rebalance) {
      case CAPACITY -> part(text, "rebalance capacity");
      case LOAD -> part(text, "rebalance load");
      case NONE -> {}
    }
    new TreeSet<>(volumes).forEach(volume -> part(text, "volume " + volume));
    return text.toString();
  }

  private static void part(StringBuilder text, String part) {
    text.append(text.isEmpty() ? "" : ", ").append(part);
  }
}
