package io.sandrift.load.membership;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What one server says of itself to the others.
 *
 * @param dataId identifies the server's data directory: two processes with one {@code id} and
 *     different {@code dataId}s are a mistake in somebody's settings, the same {@code dataId} is a
 *     restart
 * @param portals where initiators reach it, each {@code host:port}; at least one
 * @param admin where its admin API listens, {@code host:port}
 * @param version the software's version
 * @param started when this process started
 */
public record Member(
    ServerId id, UUID dataId, List<String> portals, String admin, String version, Instant started) {

  public Member {
    portals = List.copyOf(portals);
    if (portals.isEmpty()) {
      throw new IllegalArgumentException("member " + id + " has no portal");
    }
  }
}
