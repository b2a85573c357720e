package io.sandrift.server.distribution;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.target.LoginRoute;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How clients get to the server that was selected: by a redirection, or carried by this server.
 * Remembers who was told and came back, and whose connections are carried. Confined to
 * distribution's thread.
 */
final class Links {

  private static final Logger LOG = LoggerFactory.getLogger(Links.class);

  /** How long a client that doesn't follow redirections is relayed at once. */
  private static final Duration DISTRUST = Duration.ofHours(1);

  private final Surroundings surroundings;
  private final GuardedThread tasks;
  private final DistributionLimits limits;
  private final Clock clock;

  /** Who was redirected, and hasn't been heard of since, by session. */
  private final Map<String, Redirected> redirected = Bounded.map();

  /** Initiators that were redirected and came back, and until when that is remembered. */
  private final Map<String, Instant> unwilling = Bounded.map();

  /** Whose connections are carried, by session. */
  private final Map<String, Relayed> relayed = Bounded.map();

  private record Redirected(ServerId to, Instant at) {}

  private static final class Relayed {
    private final String initiator;
    private final ServerId to;

    /** Until when it has the time to end, once it was asked to. */
    private Instant endsBy = Instant.EPOCH;

    Relayed(String initiator, ServerId to) {
      this.initiator = initiator;
      this.to = to;
    }
  }

  Links(Surroundings surroundings, GuardedThread tasks, DistributionLimits limits, Clock clock) {
    this.surroundings = surroundings;
    this.tasks = tasks;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Tells the client where to go, or has it carried there.
   *
   * @param kind as the service's policy says; a server that is drained carries nobody who can go by
   *     himself
   */
  LoginRoute link(Wire.Who who, Link kind, ServerId to, TargetAddress address, boolean isDrained) {
    Instant now = clock.instant();
    redirected.values().removeIf(each -> each.at().plus(limits.arrival()).isBefore(now));
    unwilling.values().removeIf(until -> until.isBefore(now));
    Link link = kind == Link.RELAY && isDrained ? Link.AUTO : kind;
    Redirected before = redirected.get(who.session());
    if (before != null && surroundings.isAlive(before.to())) {
      // It was told, and is here again: it doesn't follow, or can't.
      who.tracing()
          .on(LOG.atInfo())
          .log("{} did not follow to {}; it is relayed from now on", who.initiator(), before.to());
      unwilling.put(who.initiator(), now.plus(DISTRUST));
    }
    if (link == Link.RELAY || (link == Link.AUTO && unwilling.containsKey(who.initiator()))) {
      redirected.remove(who.session());
      return relay(who, to, address);
    }
    if (link == Link.AUTO) {
      redirected.put(who.session(), new Redirected(to, now));
    }
    return new LoginRoute.Redirect(address, who.tracing());
  }

  private LoginRoute relay(Wire.Who who, ServerId to, TargetAddress address) {
    Relayed relay = new Relayed(who.initiator(), to);
    relayed.put(who.session(), relay);
    return new LoginRoute.Relay(
        address, () -> tasks.execute(() -> relayed.remove(who.session(), relay)), who.tracing());
  }

  /** A session has begun somewhere. */
  void arrived(String session) {
    redirected.remove(session);
  }

  /**
   * Ends what is carried: those clients are to log in again, and are redirected then. Whoever
   * doesn't follow would only come back, and stays: nobody is cut off.
   *
   * @param ask has the server that serves a session ask it to log in again
   */
  void end(BiConsumer<ServerId, String> ask) {
    Instant now = clock.instant();
    relayed.forEach(
        (session, relay) -> {
          if (!unwilling.containsKey(relay.initiator) && !now.isBefore(relay.endsBy)) {
            relay.endsBy = now.plus(limits.logout()).plus(limits.arrival());
            ask.accept(relay.to, session);
          }
        });
  }
}
