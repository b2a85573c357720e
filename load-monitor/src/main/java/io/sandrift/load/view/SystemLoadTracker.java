package io.sandrift.load.view;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Sample;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Folds samples, membership and sessions that are on their way into {@link SystemLoad} snapshots.
 * Does nothing by itself: time comes in with each call. Safe for all threads; each call is short.
 *
 * <pre>
 *   registered ──▶ ALIVE ──silent for too long──▶ SUSPECT ──registration ends──▶ DEAD ──▶ forgotten
 *                    ▲──────────a sample────────────┘                             │
 *                    └──────────────────────registered again──────────────────────┘
 * </pre>
 *
 * <p>Silence alone makes nobody dead: a short outage of ZooKeeper must not set everybody's clients
 * in motion. A session that is expected counts until its server's samples have it, or until the
 * expectation ends.
 */
public final class SystemLoadTracker implements Supplier<SystemLoad> {

  /** How long a server that has gone is still shown. */
  private static final Duration REMEMBERED = Duration.ofMinutes(5);

  /** More sessions than these aren't under way at a time; the oldest is forgotten then. */
  private static final int MAX_EXPECTED = 10_000;

  /**
   * Samples of servers that aren't registered are kept, up to these, as they may be about to be.
   */
  private static final int MAX_UNKNOWN = 1_000;

  private final Clock clock;
  private final PressureFormula formula;
  private final Availability availability;
  private final Supplier<Duration> suspectAfter;

  /** Guarded by this. */
  private final Map<ServerId, Known> known = new HashMap<>();

  /** By session, oldest first. Guarded by this. */
  private final Map<String, Expected> expected = new LinkedHashMap<>();

  /** One server; mutable, guarded by the tracker. */
  private static final class Known {
    @Nullable Sample sample;
    Pressure pressure = Pressure.NONE;
    Instant heardAt = Instant.EPOCH;
    boolean isRegistered;
    boolean wasEverRegistered;

    /** When its registration came or ended. */
    Instant since = Instant.EPOCH;
  }

  /**
   * @param suspectAfter how long a registered server may be silent
   */
  public SystemLoadTracker(
      Clock clock,
      PressureFormula formula,
      Availability availability,
      Supplier<Duration> suspectAfter) {
    this.clock = clock;
    this.formula = formula;
    this.availability = availability;
    this.suspectAfter = suspectAfter;
  }

  /** A sample has arrived. One that is known already, or older than that, is ignored. */
  public synchronized void heard(Sample sample) {
    Known server = known.get(sample.server());
    if (server == null) {
      if (known.size() >= MAX_UNKNOWN + registered()) {
        return;
      }
      server = new Known();
      server.since = clock.instant();
      known.put(sample.server(), server);
    }
    Sample last = server.sample;
    if (last != null
        && (last.takenAt().isAfter(sample.takenAt())
            || (last.takenAt().equals(sample.takenAt()) && last.sequence() == sample.sequence()))) {
      return;
    }
    server.sample = sample;
    server.pressure = formula.of(sample);
    server.heardAt = clock.instant();
    sample
        .clients()
        .forEach(
            client -> {
              Expected arrived = expected.get(client.session());
              if (arrived != null && arrived.server().equals(sample.server())) {
                expected.remove(client.session());
              }
            });
  }

  /** A server has registered, or said something new of itself. */
  public synchronized void registered(ServerId id) {
    Known server = known.computeIfAbsent(id, any -> new Known());
    if (!server.isRegistered) {
      server.isRegistered = true;
      server.wasEverRegistered = true;
      server.since = clock.instant();
    }
  }

  /** A server's registration has ended. */
  public synchronized void gone(ServerId id) {
    Known server = known.get(id);
    if (server != null && server.isRegistered) {
      server.isRegistered = false;
      server.since = clock.instant();
      expected.values().removeIf(session -> session.server().equals(id));
    }
  }

  /** These are registered, and no others: mends what a lost call has left behind. */
  public synchronized void members(Set<ServerId> ids) {
    ids.forEach(this::registered);
    List<ServerId> left =
        known.entrySet().stream()
            .filter(server -> server.getValue().isRegistered && !ids.contains(server.getKey()))
            .map(Map.Entry::getKey)
            .toList();
    left.forEach(this::gone);
  }

  /** A session was sent to a server; replaces what was expected of it before. */
  public synchronized void expect(Expected session) {
    expected.remove(session.session());
    if (expected.size() >= MAX_EXPECTED) {
      Iterator<String> oldest = expected.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
    expected.put(session.session(), session);
  }

  /** A session isn't on its way any more. */
  public synchronized void expectNoMore(String session) {
    expected.remove(session);
  }

  /** The sessions that are under way now, those that were sent first before others. */
  public synchronized List<Expected> expected() {
    Instant now = clock.instant();
    expected.values().removeIf(session -> !session.expires().isAfter(now));
    return List.copyOf(expected.values());
  }

  /** The system's load now. */
  @Override
  public synchronized SystemLoad get() {
    Instant now = clock.instant();
    known
        .values()
        .removeIf(server -> !server.isRegistered && server.since.plus(REMEMBERED).isBefore(now));
    Map<ServerId, Double> reserved = new HashMap<>();
    for (Expected session : expected()) {
      reserved.merge(session.server(), session.pressure(), Double::sum);
    }
    Duration patience = suspectAfter.get();
    List<ServerLoad> servers = new ArrayList<>(known.size());
    known.forEach(
        (id, server) -> {
          if (server.wasEverRegistered) {
            servers.add(load(id, server, reserved.getOrDefault(id, 0.0), now, patience));
          }
        });
    return SystemLoad.of(now, servers);
  }

  private ServerLoad load(
      ServerId id, Known server, double reserved, Instant now, Duration patience) {
    Set<String> services = availability.services(id);
    return new ServerLoad(
        id,
        liveness(server, now, patience),
        availability.isDraining(id),
        services,
        server.sample,
        server.pressure,
        reserved,
        server.heardAt);
  }

  private static Liveness liveness(Known server, Instant now, Duration patience) {
    if (!server.isRegistered) {
      return Liveness.DEAD;
    }
    // A server that has just registered has its time to send the first sample.
    Instant lastSign = server.heardAt.isAfter(server.since) ? server.heardAt : server.since;
    return lastSign.plus(patience).isBefore(now) ? Liveness.SUSPECT : Liveness.ALIVE;
  }

  private int registered() {
    return (int) known.values().stream().filter(server -> server.isRegistered).count();
  }
}
