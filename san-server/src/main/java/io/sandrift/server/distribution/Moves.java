package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Has sessions moved, wherever they are served, and carries out what others ask of this server.
 * Confined to distribution's thread, but for {@link #order}.
 */
final class Moves {

  private final Surroundings surroundings;
  private final ServedSessions served;
  private final Allocator allocator;
  private final Handover handover;
  private final Mesh mesh;

  Moves(
      Surroundings surroundings,
      ServedSessions served,
      Allocator allocator,
      Handover handover,
      Mesh mesh) {
    this.surroundings = surroundings;
    this.served = served;
    this.allocator = allocator;
    this.handover = handover;
    this.mesh = mesh;
  }

  /** Has the server that serves the session move it; from any thread. */
  CompletableFuture<Void> order(Wire.Order order, ServerId from) {
    return mesh.ask(from, Wire.MOVE, order, Wire.Done.class, handover.limit().plusSeconds(5))
        .handle(
            (done, failure) -> {
              if (failure != null) {
                throw new TransferException(
                    TransferException.Reason.FAILED,
                    from + " didn't say what came of it: " + failure.getMessage());
              }
              if (!done.ok()) {
                throw new TransferException(Handover.reason(done), done.detail());
              }
              return null;
            });
  }

  /** Moves one of this server's sessions; completes with what came of it, and never fails. */
  CompletableFuture<Wire.Done> carryOut(Wire.Order order) {
    ServedSessions.Served found = served.find(order.session());
    if (found == null) {
      return CompletableFuture.completedFuture(
          new Wire.Done(false, "there is no session " + order.session() + " here"));
    }
    ServerId to = new ServerId(order.to());
    if (!to.equals(surroundings.self()) && !surroundings.isAlive(to)) {
      return CompletableFuture.completedFuture(
          new Wire.Done(false, "there is no server " + to + " that is alive"));
    }
    double expected =
        allocator
            .request(
                Handover.who(found.session(), order.tracing()),
                found.target().alias(),
                found.target().service(),
                surroundings.self(),
                Set.of())
            .expectedPressure();
    return handover.begin(
        found.session(), found.target().alias(), found.target().service(), order, expected);
  }

  /** Has one of this server's sessions log in again, unless it is being moved. */
  Wire.Done logInAgain(String session) {
    ServedSessions.Served found = served.find(session);
    if (found != null && handover.destination(session) == null) {
      handover.askForLogout(found.session());
    }
    return Wire.Done.OK;
  }
}
