package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where sessions are, who is expected here, and who is on the way from one server to another, as
 * far as this server has been told. Confined to distribution's thread.
 */
final class Whereabouts {

  private static final Duration LEFT_LIMIT = Duration.ofSeconds(1);

  private final Mesh mesh;
  private final Predicate<String> isServedHere;
  private final Clock clock;

  private final Map<String, Held> reservations = Bounded.map();
  private final Map<String, OnTheWay> onTheWay = Bounded.map();
  private final Map<String, ServerId> servers = Bounded.map();

  private record Held(Wire.Reservation reservation, Instant expires) {}

  private record OnTheWay(Wire.Moving moving, Instant expires) {}

  /**
   * @param isServedHere of a session's id
   */
  Whereabouts(Mesh mesh, Predicate<String> isServedHere, Clock clock) {
    this.mesh = mesh;
    this.isServedHere = isServedHere;
    this.clock = clock;
  }

  /** Keeps a place here. */
  void expect(Wire.Reservation reservation, Instant expires) {
    reservations.put(reservation.who().session(), new Held(reservation, expires));
  }

  boolean isExpected(String session) {
    return reservations.containsKey(session);
  }

  /** Takes the place that was kept, and says by which decision; null when there was none. */
  @Nullable Assignment take(String session) {
    Held held = reservations.remove(session);
    return held == null ? null : held.reservation().decision();
  }

  /** A session is about to move. */
  void moving(Wire.Moving news) {
    onTheWay.put(
        news.who().session(), new OnTheWay(news, clock.instant().plusMillis(news.validMillis())));
  }

  /** The same client, with the trace of the decision or the move that leads it here. */
  Wire.Who traced(Wire.Who who) {
    Held held = reservations.get(who.session());
    OnTheWay move = onTheWay.get(who.session());
    Wire.Who led = who;
    if (held != null) {
      led = held.reservation().who();
    } else if (move != null) {
      led = move.moving().who();
    }
    return new Wire.Who(who.session(), who.initiator(), who.isid(), who.target(), led.trace());
  }

  /** Where a session is on its way to, or null. */
  @Nullable ServerId destination(String session) {
    OnTheWay move = onTheWay.get(session);
    return move == null ? null : new ServerId(move.moving().to());
  }

  /** A session doesn't go where it was to. */
  void giveUp(String session) {
    onTheWay.remove(session);
  }

  /** A session is at a server; gives the move that has ended by it, or null. */
  Wire.@Nullable Moving arrived(String session, ServerId at) {
    servers.put(session, at);
    OnTheWay move = onTheWay.remove(session);
    return move == null ? null : move.moving();
  }

  /** A session isn't there any more. */
  void left(String session, ServerId server) {
    servers.remove(session, server);
  }

  /**
   * Some initiators draw a new ISID at each login. One that has just left its server on request,
   * and comes with an ISID that nobody knows, goes on with the session that left.
   */
  CompletableFuture<Wire.Who> recognise(Wire.Who who) {
    expire();
    String id = who.session();
    if (reservations.containsKey(id) || onTheWay.containsKey(id) || servers.containsKey(id)) {
      return CompletableFuture.completedFuture(who);
    }
    for (Held held : reservations.values()) {
      Wire.Who other = held.reservation().who();
      if (isSameClient(other, who) && isNewName(other, id)) {
        return CompletableFuture.completedFuture(renamed(who, other));
      }
    }
    for (OnTheWay move : onTheWay.values()) {
      Wire.Who other = move.moving().who();
      if (isSameClient(other, who)) {
        return mesh.ask(
                new ServerId(move.moving().from()),
                Wire.LEFT,
                new Wire.Which(other.session(), 1),
                Wire.Done.class,
                LEFT_LIMIT)
            .thenApply(left -> left.ok() ? renamed(who, other) : who)
            // A source that doesn't answer serves nobody.
            .exceptionally(failure -> renamed(who, other));
      }
    }
    return CompletableFuture.completedFuture(who);
  }

  /** Whether a reservation is waiting for a session that left, and not for one that is new. */
  private boolean isNewName(Wire.Who reserved, String id) {
    return !reserved.session().equals(id) && !isServedHere.test(reserved.session());
  }

  private static boolean isSameClient(Wire.Who one, Wire.Who other) {
    return one.initiator().equals(other.initiator()) && one.target().equals(other.target());
  }

  private static Wire.Who renamed(Wire.Who who, Wire.Who earlier) {
    return new Wire.Who(earlier.session(), who.initiator(), who.isid(), who.target(), who.trace());
  }

  private void expire() {
    Instant now = clock.instant();
    reservations.values().removeIf(held -> held.expires().isBefore(now));
    onTheWay.values().removeIf(move -> move.expires().isBefore(now));
  }
}
