package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * What was given to each server lately and can't be in its samples yet. Without it, all that ask
 * between two samples would be sent to the same server. Bounded: it keeps one entry a second and
 * server, and none longer than {@link #LIMIT}.
 */
final class Ledger {

  /** How long a session is believed to be on its way, or not to work yet. */
  static final Duration LIMIT = Duration.ofSeconds(30);

  /** From the decision until the session is logged in and does its I/O. */
  private static final Duration ARRIVAL = Duration.ofSeconds(1);

  private static final class Entry {
    private final long second;
    private int sessions;
    private double pressure;

    Entry(long second) {
      this.second = second;
    }
  }

  private final Map<ServerId, Deque<Entry>> given = new HashMap<>();

  void add(ServerId server, double pressure, Instant now) {
    Deque<Entry> entries = given.computeIfAbsent(server, key -> new ArrayDeque<>());
    Entry last = entries.peekLast();
    if (last == null || last.second != now.getEpochSecond()) {
      last = new Entry(now.getEpochSecond());
      entries.addLast(last);
    }
    last.sessions++;
    last.pressure += pressure;
  }

  /** What the server's pressure is as soon as all have arrived. */
  double predicted(ServerLoad load, Instant now) {
    double own = 0;
    for (Entry entry : current(load, now)) {
      own += entry.pressure;
    }
    // Reservations are the same sessions, as the view counts them.
    return load.pressure().value() + Math.max(load.reserved(), own);
  }

  /** How many sessions the server has as soon as all have arrived. */
  int sessions(ServerLoad load, Instant now) {
    int own = 0;
    for (Entry entry : current(load, now)) {
      own += entry.sessions;
    }
    return load.sessions() + own;
  }

  private Deque<Entry> current(ServerLoad load, Instant now) {
    Deque<Entry> entries = given.get(load.server());
    if (entries == null) {
      return new ArrayDeque<>(0);
    }
    long shown = Measured.of(load).from().minus(ARRIVAL).getEpochSecond();
    long oldest = Math.max(shown, now.minus(LIMIT).getEpochSecond());
    while (!entries.isEmpty() && entries.getFirst().second < oldest) {
      entries.removeFirst();
    }
    if (entries.isEmpty()) {
      given.remove(load.server());
    }
    return entries;
  }
}
