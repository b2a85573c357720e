package io.sandrift.server.distribution;

import io.sandrift.server.trace.Trace;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What servers say to each other about clients, as JSON. Fields that a newer version added are
 * ignored; those that an older one lacks are null or 0.
 */
final class Wire {

  /** Asks a server to expect a client (a {@link Reservation}); answered with {@link Done}. */
  static final String RESERVE = "distribution.reserve";

  /** Tells all servers that a session is about to move ({@link Moving}). */
  static final String MOVING = "distribution.moving";

  /** Tells all servers where a session is now ({@link Arrived}). */
  static final String ARRIVED = "distribution.arrived";

  /** Asks whether a session has left its server, or does so now ({@link Which}; {@link Done}). */
  static final String LEFT = "distribution.left";

  /** Asks the server that serves a session to move it ({@link Order}); {@link Done} at the end. */
  static final String MOVE = "distribution.move";

  /** Asks the server that serves a session to have it log in again ({@link Which}). */
  static final String LOG_IN_AGAIN = "distribution.log-in-again";

  /** Asks for a server's sessions ({@link Which}, all when empty). */
  static final String SESSIONS = "distribution.sessions";

  /** Asks for what a server has decided ({@link Which}, all when empty). */
  static final String ASSIGNMENTS = "distribution.assignments";

  /** Tells a server that a connection to it is a client's ({@link Carries}). */
  static final String CARRIES = "distribution.carries";

  /** Asks the master to select a server ({@link Select}); answered with {@link Selected}. */
  static final String SELECT = "distribution.select";

  /**
   * Tells servers of an intake ({@link IntakeNews}); {@link Done} when the intake is sure of it.
   */
  static final String INTAKE = "distribution.intake";

  /** The new intake's own word to all servers ({@link IntakeNews}). */
  static final String INTAKE_CONFIRMED = "distribution.intake-confirmed";

  private Wire() {}

  record Done(boolean ok, String detail) {
    static final Done OK = new Done(true, "");
  }

  record Which(String session, int most) {}

  /**
   * @param session the session's lasting id
   * @param isid of its last login
   * @param trace of the login or the move that this is part of
   */
  record Who(String session, String initiator, String isid, String target, @Nullable String trace) {

    Trace tracing() {
      return Trace.of(trace);
    }
  }

  /**
   * @param validMillis how long the place is kept
   * @param pressure what the session is expected to add
   * @param masterEpoch of the master that decided; 0 when no master did
   */
  record Reservation(
      Who who, long validMillis, double pressure, long masterEpoch, Assignment decision) {}

  record Moving(Who who, String from, String to, long validMillis) {}

  /**
   * @param host where the connection comes from, as an address
   * @param client where the client is, as an address
   */
  record Carries(String host, int port, String client) {}

  record Arrived(Who who, String server) {}

  record Order(
      String session,
      String to,
      String policy,
      String reason,
      Map<String, Double> numbers,
      @Nullable String trace) {

    Trace tracing() {
      return Trace.of(trace);
    }
  }

  /**
   * @param sample the asking server's own load, as the gossip has it; empty when there is none yet
   */
  record Select(
      Who who, String volume, String service, String reached, Set<String> refused, String sample) {}

  /**
   * @param server empty when none may take the client
   */
  record Selected(String server, long epoch, boolean isReserved, @Nullable Assignment decision) {}

  record IntakeNews(
      String service,
      @Nullable String intake,
      @Nullable String previous,
      long epoch,
      long sinceMillis) {}

  record Sessions(List<SessionInfo> sessions) {}

  record Assignments(List<Assignment> assignments) {
    Assignments {
      assignments = List.copyOf(assignments);
    }
  }
}
