package io.sandrift.server.target;

import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The server's sessions by TSIH (RFC 7143 clause 4.4.3). Safe for all threads. */
final class SessionRegistry {

  private static final int LAST_TSIH = 0xffff;

  private final Map<Integer, Session> sessions = new HashMap<>();
  private final int limit;
  private int lastTsih;

  SessionRegistry(int limit) {
    this.limit = limit;
  }

  /** A TSIH that no session has, 1 to 65535; 0 when there are as many sessions as there may be. */
  synchronized int freeTsih() {
    if (sessions.size() >= limit) {
      return 0;
    }
    do {
      lastTsih = lastTsih == LAST_TSIH ? 1 : lastTsih + 1;
    } while (sessions.containsKey(lastTsih));
    return lastTsih;
  }

  /**
   * Enters a session, unless one that it takes the place of is still there, or there are too many
   * by now, or another has taken its TSIH.
   */
  synchronized boolean enter(Session session) {
    if (sessions.size() >= limit || reinstatedBy(session.identity()) != null) {
      return false;
    }
    return sessions.putIfAbsent(session.identity().tsih(), session) == null;
  }

  synchronized void leave(Session session) {
    sessions.remove(session.identity().tsih(), session);
  }

  /** The session that a login with this identity takes the place of (clause 6.3.5). */
  synchronized @Nullable Session reinstatedBy(SessionIdentity identity) {
    for (Session session : sessions.values()) {
      if (session.identity().isReinstatedBy(identity)) {
        return session;
      }
    }
    return null;
  }

  synchronized @Nullable Session find(int tsih) {
    return sessions.get(tsih);
  }

  /** All sessions, oldest first. */
  synchronized List<Session> list() {
    List<Session> all = new ArrayList<>(sessions.values());
    all.sort(Comparator.comparingLong(Session::sinceMillis));
    return all;
  }

  synchronized int size() {
    return sessions.size();
  }
}
