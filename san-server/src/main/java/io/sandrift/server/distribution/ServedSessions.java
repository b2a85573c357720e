package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import io.sandrift.server.target.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The sessions that this server serves. Confined to distribution's thread. */
final class ServedSessions {

  /**
   * One of them.
   *
   * @param why the decision by which it is here; null when there was none
   */
  record Served(Session session, Target target, @Nullable Assignment why) {
    String id() {
      return session.identity().id();
    }
  }

  private final ServerId self;
  private final Map<String, Served> sessions = new HashMap<>();

  ServedSessions(ServerId self) {
    this.self = self;
  }

  void add(Served served) {
    sessions.put(served.id(), served);
  }

  /** Whether it was here; one that another of the same nexus has taken the place of wasn't. */
  boolean remove(Session session) {
    Served served = sessions.get(session.identity().id());
    return served != null && served.session() == session && sessions.remove(served.id(), served);
  }

  boolean contains(String id) {
    return sessions.containsKey(id);
  }

  @Nullable Served find(String id) {
    return sessions.get(id);
  }

  List<Served> all() {
    return List.copyOf(sessions.values());
  }

  /**
   * What there is to tell of one session, or of all, the eldest first.
   *
   * @param id whose; empty for all
   * @param movingTo where a session is being moved to, or null
   */
  List<SessionInfo> list(String id, Function<String, @Nullable ServerId> movingTo) {
    List<SessionInfo> list = new ArrayList<>();
    for (Served each : sessions.values()) {
      if (id.isEmpty() || each.id().equals(id)) {
        list.add(info(each, movingTo.apply(each.id())));
      }
    }
    list.sort(Comparator.comparingLong(SessionInfo::sinceMillis));
    return list;
  }

  private SessionInfo info(Served each, @Nullable ServerId movingTo) {
    Session session = each.session();
    SessionIdentity identity = session.identity();
    return new SessionInfo(
        identity.id(),
        identity.initiatorName(),
        identity.isid().toString(),
        String.valueOf(session.channel().remoteAddress()).replaceFirst("^/", ""),
        each.target().name(),
        each.target().alias(),
        each.target().service(),
        self.value(),
        session.sinceMillis(),
        session.counters().commands(),
        session.counters().bytesRead(),
        session.counters().bytesWritten(),
        movingTo == null ? null : movingTo.value(),
        each.why());
  }
}
