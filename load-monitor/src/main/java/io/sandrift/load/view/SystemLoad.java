package io.sandrift.load.view;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The system's load at one moment.
 *
 * @param at when it was put together, by this server's clock
 * @param servers all that are registered or were until lately, by id
 */
public record SystemLoad(Instant at, SortedMap<ServerId, ServerLoad> servers) {

  /** Nobody is known. */
  public static final SystemLoad EMPTY = new SystemLoad(Instant.EPOCH, new TreeMap<>());

  public SystemLoad {
    servers = Collections.unmodifiableSortedMap(new TreeMap<>(servers));
  }

  public static SystemLoad of(Instant at, Collection<ServerLoad> loads) {
    SortedMap<ServerId, ServerLoad> servers = new TreeMap<>();
    loads.forEach(load -> servers.put(load.server(), load));
    return new SystemLoad(at, servers);
  }

  public @Nullable ServerLoad find(ServerId server) {
    return servers.get(server);
  }

  /** Those that are alive, by id. */
  public List<ServerLoad> alive() {
    return servers.values().stream().filter(load -> load.liveness() == Liveness.ALIVE).toList();
  }

  /** Those that a new session of {@code service} may be sent to, by id. */
  public List<ServerLoad> admitting(String service) {
    return servers.values().stream().filter(load -> load.admits(service)).toList();
  }

  /** The mean pressure of the servers that are alive; 0 when none is. */
  public double mean() {
    return alive().stream().mapToDouble(load -> load.pressure().value()).average().orElse(0);
  }

  /** The largest pressure of a server that is alive; 0 when none is. */
  public double max() {
    return alive().stream().mapToDouble(load -> load.pressure().value()).max().orElse(0);
  }

  /** The largest pressure over the mean: 1 is balanced. 1 when nobody has anything to do. */
  public double imbalance() {
    double mean = mean();
    return mean <= 0 ? 1 : max() / mean;
  }
}
