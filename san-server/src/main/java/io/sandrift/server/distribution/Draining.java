package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.trace.Trace;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties this server while it is being drained: its sessions are moved away, a few at a time, and
 * whose connections it carries to another server is redirected there. Confined to distribution's
 * thread.
 */
final class Draining {

  private static final Logger LOG = LoggerFactory.getLogger(Draining.class);

  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

  private final ServerId self;
  private final DrainFlags flags;
  private final ServedSessions served;
  private final Allocator allocator;
  private final Handover handover;
  private final Moves moves;
  private final Links links;
  private final Mesh mesh;
  private final Executor waiting;
  private final Clock clock;

  /** One request at a time: ZooKeeper may be away for long. */
  private final AtomicBoolean isTelling = new AtomicBoolean();

  /**
   * @param waiting for requests to ZooKeeper that wait
   */
  Draining(
      ServerId self,
      DrainFlags flags,
      ServedSessions served,
      Allocator allocator,
      Handover handover,
      Moves moves,
      Links links,
      Mesh mesh,
      Executor waiting,
      Clock clock) {
    this.self = self;
    this.flags = flags;
    this.served = served;
    this.allocator = allocator;
    this.handover = handover;
    this.moves = moves;
    this.links = links;
    this.mesh = mesh;
    this.waiting = waiting;
    this.clock = clock;
  }

  /** Goes on with it; called again and again. */
  void goOn() {
    Drain drain = flags.find(self);
    if (drain == null) {
      return;
    }
    tellWhetherEmpty(drain);
    links.end(this::askToLogInAgain);
    for (ServedSessions.Served each : served.all()) {
      if (!handover.hasRoom()) {
        return;
      }
      if (handover.mayTry(each.id())) {
        moveAway(each);
      }
    }
  }

  private void tellWhetherEmpty(Drain drain) {
    boolean isEmpty = served.all().isEmpty();
    if (isEmpty != (drain.emptied() != null) && isTelling.compareAndSet(false, true)) {
      Instant emptied = isEmpty ? clock.instant() : null;
      waiting.execute(
          () -> {
            try {
              flags.emptied(self, emptied);
            } catch (DistributionException e) {
              LOG.info("{}; it is tried again", e.getMessage());
            } finally {
              isTelling.set(false);
            }
          });
    }
  }

  private void askToLogInAgain(ServerId server, String session) {
    mesh.ask(server, Wire.LOG_IN_AGAIN, new Wire.Which(session, 1), Wire.Done.class, ANSWER_LIMIT)
        .whenComplete(
            (done, failure) -> {
              if (failure != null) {
                LOG.info("{} does not ask {} to log in again: {}", server, session, failure);
              }
            });
  }

  private void moveAway(ServedSessions.Served each) {
    allocator
        .allocate(
            allocator.request(
                Handover.who(each.session(), Trace.NONE),
                each.target().alias(),
                each.target().service(),
                self,
                Set.of(self)))
        .ifPresent(
            to ->
                moves.carryOut(
                    new Wire.Order(
                        each.id(),
                        to.server().value(),
                        "drain",
                        self + " is being drained; " + to.reason(),
                        to.numbers(),
                        Trace.begin().toString())));
  }
}
