package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.Expected;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import io.sandrift.server.trace.Trace;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Moves sessions that this server serves to others. Confined to distribution's thread.
 *
 * <pre>
 *   MARKED ──▶ reserve at the destination ──▶ tell all servers ──▶ ask for a logout (event 1)
 *      │             │ refused                                        │            │ deadline
 *      │             ▼                                                ▼            ▼
 *      └────────── failed ◀── came back elsewhere, or not at all ── waits ◀── drop (event 3)
 *                                                                     │
 *                                                                     └── arrived: done
 * </pre>
 *
 * <p>The session is served until its logout arrives. The client then logs in where it always does,
 * and as all servers have been told, whichever it reaches leads it to the destination.
 */
final class Handover {

  private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

  /** Moves from this server at a time. */
  private static final int MAX_MOVES = 16;

  /** Nobody waits for a move, so it takes its time; the session is served meanwhile. */
  private static final int PATIENCE = 4;

  private static final Duration NEWS_LIMIT = Duration.ofSeconds(3);

  /** A session whose move failed is left alone for so long by whoever tries again by itself. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private static final String CONFLICT = "can't be moved: ";

  private final Surroundings surroundings;
  private final Mesh mesh;
  private final ScheduledExecutorService thread;
  private final DistributionLimits limits;
  private final AssignmentLog log;
  private final Clock clock;
  private final Map<String, Move> moves = new HashMap<>();
  private final Map<String, Instant> failures = Bounded.map();

  private record Move(
      Session session,
      ServerId to,
      String volume,
      String service,
      Wire.Order order,
      CompletableFuture<Wire.Done> outcome) {}

  Handover(
      Surroundings surroundings,
      Mesh mesh,
      ScheduledExecutorService thread,
      DistributionLimits limits,
      AssignmentLog log,
      Clock clock) {
    this.surroundings = surroundings;
    this.mesh = mesh;
    this.thread = thread;
    this.limits = limits;
    this.log = log;
    this.clock = clock;
  }

  /** The longest that a move takes. */
  Duration limit() {
    return reserveLimit().plus(NEWS_LIMIT).plus(limits.logout()).plus(limits.arrival());
  }

  private Duration reserveLimit() {
    return limits.reservation().multipliedBy(PATIENCE);
  }

  /** Where a session is being moved to, or null. */
  @Nullable ServerId destination(String session) {
    Move move = moves.get(session);
    return move == null ? null : move.to();
  }

  /** Whether another move may begin. */
  boolean hasRoom() {
    return moves.size() < MAX_MOVES;
  }

  /** Whether the session isn't being moved, nor has failed to be just now. */
  boolean mayTry(String session) {
    Instant failed = failures.get(session);
    return !moves.containsKey(session)
        && (failed == null || failed.plus(PAUSE).isBefore(clock.instant()));
  }

  /**
   * Moves a session.
   *
   * @param expected the pressure that it will add there
   * @return completes when it has arrived, or with why it hasn't; never fails
   */
  CompletableFuture<Wire.Done> begin(
      Session session, String volume, String service, Wire.Order order, double expected) {
    String id = session.identity().id();
    ServerId to = new ServerId(order.to());
    Move before = moves.get(id);
    if (before != null) {
      return refused(id + " " + CONFLICT + "it is on its way to " + before.to() + " already");
    }
    if (to.equals(surroundings.self())) {
      return refused(id + " " + CONFLICT + "it is at " + to + " already");
    }
    if (!hasRoom()) {
      return refused(id + " " + CONFLICT + moves.size() + " moves are under way; try again");
    }
    Move move = new Move(session, to, volume, service, order, new CompletableFuture<>());
    moves.put(id, move);
    line(move).log("session {} is to move to {}: {}", id, to, order.reason());
    Assignment decision = entry(move, Assignment.Kind.MOVE, order.reason());
    long valid = limits.logout().plus(limits.arrival()).toMillis();
    surroundings.expect(new Expected(id, to, expected, clock.instant().plusMillis(valid)));
    mesh.ask(
            to,
            Wire.RESERVE,
            new Wire.Reservation(who(session, order.tracing()), valid, expected, 0, decision),
            Wire.Done.class,
            reserveLimit())
        .exceptionally(failure -> new Wire.Done(false, String.valueOf(failure.getMessage())))
        .thenAcceptAsync(
            place -> {
              if (place.ok()) {
                announce(move, valid);
              } else {
                end(move, new Wire.Done(false, id + " " + CONFLICT + place.detail()));
              }
            },
            thread);
    return move.outcome();
  }

  private void announce(Move move, long valid) {
    Wire.Moving news =
        new Wire.Moving(
            who(move.session(), move.order().tracing()),
            surroundings.self().value(),
            move.to().value(),
            valid);
    mesh.askAll(surroundings.members(), Wire.MOVING, news, Wire.Done.class, NEWS_LIMIT)
        .thenRunAsync(() -> askForLogout(move), thread);
  }

  /** Asks a session to log out, and drops it past the deadline. */
  void askForLogout(Session session) {
    session.requestLogout(limits.logout());
    thread.schedule(
        () -> {
          if (!session.whenEnded().isDone()) {
            LOG.info("session {} is dropped: it did not log out in time", session.identity().id());
            session.dropWithNotice("it was asked to log out, and did not in time");
          }
        },
        limits.logout().toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void askForLogout(Move move) {
    Session session = move.session();
    line(move).log("session {} is asked to log out", session.identity().id());
    askForLogout(session);
    thread.schedule(
        () ->
            end(
                move,
                new Wire.Done(
                    false,
                    "session "
                        + session.identity().id()
                        + " was asked to leave, and did not arrive at "
                        + move.to()
                        + " within "
                        + limits.logout().plus(limits.arrival()).toSeconds()
                        + " s")),
        limits.logout().plus(limits.arrival()).toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /** A session has arrived somewhere; perhaps one that left here. */
  void arrived(String session, ServerId at) {
    Move move = moves.get(session);
    if (move == null) {
      return;
    }
    end(
        move,
        at.equals(move.to())
            ? Wire.Done.OK
            : new Wire.Done(false, "session " + session + " arrived at " + at + " instead"));
  }

  private void end(Move move, Wire.Done outcome) {
    String id = move.session().identity().id();
    if (!moves.remove(id, move)) {
      return;
    }
    if (outcome.ok()) {
      line(move).log("session {} has arrived at {}", id, move.to());
      log.add(entry(move, Assignment.Kind.MOVE, move.order().reason()));
    } else {
      failures.put(id, clock.instant());
      surroundings.expectNoMore(id);
      log.add(
          entry(
              move,
              Assignment.Kind.MOVE_FAILED,
              outcome.detail() + "; wanted because: " + move.order().reason()));
      line(move).log("session {} was not moved to {}: {}", id, move.to(), outcome.detail());
    }
    move.outcome().complete(outcome);
  }

  private Assignment entry(Move move, Assignment.Kind kind, String reason) {
    SessionIdentity identity = move.session().identity();
    return new Assignment(
        clock.millis(),
        kind,
        identity.id(),
        identity.initiatorName(),
        move.volume(),
        move.service(),
        surroundings.self().value(),
        move.to().value(),
        move.order().policy(),
        surroundings.self().value(),
        reason,
        move.order().numbers(),
        move.order().trace());
  }

  private static LoggingEventBuilder line(Move move) {
    return move.order().tracing().on(LOG.atInfo());
  }

  static Wire.Who who(Session session, Trace trace) {
    SessionIdentity identity = session.identity();
    return new Wire.Who(
        identity.id(),
        identity.initiatorName(),
        identity.isid().toString(),
        String.valueOf(identity.targetName()),
        trace.toString());
  }

  /** What kind of failure the answer to a move tells of. */
  static TransferException.Reason reason(Wire.Done done) {
    if (done.detail().startsWith("there is no session")) {
      return TransferException.Reason.NO_SUCH_SESSION;
    }
    return done.detail().contains(CONFLICT) || done.detail().startsWith("there is no server")
        ? TransferException.Reason.CONFLICT
        : TransferException.Reason.FAILED;
  }

  private static CompletableFuture<Wire.Done> refused(String why) {
    return CompletableFuture.completedFuture(new Wire.Done(false, why));
  }
}
