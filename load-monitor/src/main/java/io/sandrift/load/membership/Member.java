package io.sandrift.load.membership;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What one server says of itself to the others.
 *
 * @param dataId identifies the server's data directory: two processes with one {@code id} and
 *     different {@code dataId}s are a mistake in somebody's settings, the same {@code dataId} is a
 *     restart
 * @param portals where initiators reach it, each {@code host:port}; at least one
 * @param peer where it listens for other servers, {@code host:port}
 * @param admin where its admin API listens, {@code host:port}
 * @param weight its share of what is placed newly, relative to the others; above 0
 * @param services the types of service that it serves; empty means all
 * @param version the software's version
 * @param started when this process started
 */
public record Member(
    ServerId id,
    UUID dataId,
    List<String> portals,
    String peer,
    String admin,
    double weight,
    Set<String> services,
    String version,
    Instant started) {

  public Member {
    portals = List.copyOf(portals);
    services = Set.copyOf(services);
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException("member " + id + " has weight " + weight);
    }
    if (portals.isEmpty()) {
      throw new IllegalArgumentException("member " + id + " has no portal");
    }
  }
}
