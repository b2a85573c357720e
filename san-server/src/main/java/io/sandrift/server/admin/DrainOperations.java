package io.sandrift.server.admin;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.SessionInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The servers that are being emptied of sessions, or are empty and kept so. The flag lies in
 * ZooKeeper, and the sessions are counted where they are, so that every server knows of all; when
 * the last session left is known to nobody.
 */
final class DrainOperations implements OperationSource {

  private static final String KIND = "drain";
  private static final Duration QUESTION_LIMIT = Duration.ofSeconds(5);

  private final Distribution distribution;

  DrainOperations(Distribution distribution) {
    this.distribution = distribution;
  }

  static String id(ServerId server) {
    return KIND + "-" + server;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public Known list() {
    Map<ServerId, Instant> draining = distribution.draining();
    if (draining.isEmpty()) {
      return Known.all(List.of());
    }
    List<SessionInfo> sessions = Settled.within(distribution.sessions(), QUESTION_LIMIT);
    return Known.all(
        draining.entrySet().stream()
            .map(
                each -> {
                  long left = count(sessions, each.getKey());
                  return new Operation(
                      id(each.getKey()),
                      each.getKey().value(),
                      left == 0 ? Operation.State.DONE : Operation.State.RUNNING,
                      left == 0 ? 1 : 0,
                      left(each.getKey(), left),
                      "",
                      each.getValue(),
                      null,
                      Map.of("server", ServersResource.path(each.getKey())));
                })
            .toList());
  }

  static long count(List<SessionInfo> sessions, ServerId server) {
    return sessions.stream().filter(each -> each.server().equals(server.value())).count();
  }

  static String left(ServerId server, long sessions) {
    return sessions == 0
        ? server + " serves no sessions and takes no new ones"
        : sessions + " sessions are left at " + server;
  }
}
