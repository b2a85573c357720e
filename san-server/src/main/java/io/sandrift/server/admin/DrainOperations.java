package io.sandrift.server.admin;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.Drain;
import io.sandrift.server.distribution.SessionInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The servers that are being emptied of sessions, or are empty and kept so. The flag lies in
 * ZooKeeper, and the sessions are counted where they are, so that every server knows of all.
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
    return Known.all(drained(distribution).stream().map(DrainOperations::operation).toList());
  }

  private static Operation operation(Drained drained) {
    boolean isDone = drained.sessions() == 0;
    return new Operation(
        id(drained.server()),
        drained.server().value(),
        isDone ? Operation.State.DONE : Operation.State.RUNNING,
        isDone ? 1 : 0,
        drained.words(),
        drained.drain().by(),
        drained.drain().since(),
        isDone ? drained.drain().emptied() : null,
        Map.of("server", ServersResource.path(drained.server())));
  }

  /** The servers that are being emptied; asks for the sessions only if there are any. */
  static List<Drained> drained(Distribution distribution) {
    Map<ServerId, Drain> draining = distribution.draining();
    if (draining.isEmpty()) {
      return List.of();
    }
    List<SessionInfo> sessions = Settled.within(distribution.sessions(), QUESTION_LIMIT);
    return draining.entrySet().stream()
        .map(each -> new Drained(each.getKey(), each.getValue(), count(sessions, each.getKey())))
        .toList();
  }

  static long count(List<SessionInfo> sessions, ServerId server) {
    return sessions.stream().filter(each -> each.server().equals(server.value())).count();
  }

  /**
   * A server that is being emptied.
   *
   * @param sessions that it still serves
   */
  record Drained(ServerId server, Drain drain, long sessions) {

    String words() {
      return sessions == 0
          ? server + " serves no sessions and takes no new ones"
          : sessions + " sessions are left at " + server;
    }
  }
}
