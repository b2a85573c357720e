package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * A few servers and their sessions in virtual time, one window a second, for the balancing policy
 * to act upon. A session has so many commands under way at the time that it is asked; a move takes
 * a second; gossip may be late.
 */
final class VirtualCluster {

  static final String GOLD = Loads.GOLD;

  /** A session and how many commands it has under way at a second since the beginning. */
  static final class Session {
    final String name;
    final String client;
    final ToDoubleFunction<Double> demand;
    final Map<ServerId, Double> locality;
    ServerId at;
    Instant since;
    double measured;

    Session(
        String name,
        String client,
        ServerId at,
        ToDoubleFunction<Double> demand,
        Map<ServerId, Double> locality) {
      this.name = name;
      this.client = client;
      this.at = at;
      this.demand = demand;
      this.locality = locality;
      this.since = Loads.NOW.minus(Duration.ofHours(1));
    }
  }

  /** A move that was made, for the tests to look at. */
  record Made(String session, ServerId from, ServerId to, Instant at) {}

  final Map<ServerId, Double> knees = new TreeMap<>();
  final List<Session> sessions = new ArrayList<>();
  final List<Made> made = new ArrayList<>();
  double noise;

  /** What a server has under way whatever its sessions do, as a share of its knee. */
  final Map<ServerId, Double> floor = new HashMap<>();

  /** How many seconds old what the policy sees is. */
  int gossipDelay;

  /** Whether moves come to pass. */
  boolean movesSucceed = true;

  private final BalancingPolicy policy;
  private final Random random;
  private final Deque<SystemLoad> gossip = new ArrayDeque<>();
  private final List<SessionMove> underWay = new ArrayList<>();
  private Instant now = Loads.NOW;
  private final Map<ServerId, Double> pressures = new TreeMap<>();

  VirtualCluster(BalancingPolicy policy, long seed) {
    this.policy = policy;
    this.random = new Random(seed);
  }

  void server(String id, double knee) {
    knees.put(Loads.id(id), knee);
  }

  void session(String name, String at, ToDoubleFunction<Double> demand) {
    sessions.add(new Session(name, "client-" + name, Loads.id(at), demand, Map.of()));
  }

  void run(Duration time) {
    for (long second = 0; second < time.toSeconds(); second++) {
      window();
    }
  }

  Instant now() {
    return now;
  }

  double elapsed() {
    return Duration.between(Loads.NOW, now).toMillis() / 1000.0;
  }

  private void window() {
    now = now.plusSeconds(1);
    gossip.addLast(measure());
    while (gossip.size() > gossipDelay + 1) {
      gossip.removeFirst();
    }
    List<SessionMove> ended = new ArrayList<>(underWay);
    underWay.clear();
    for (SessionMove move : ended) {
      if (movesSucceed) {
        Session session =
            sessions.stream().filter(s -> s.name.equals(move.session())).findFirst().orElseThrow();
        session.at = move.to();
        session.since = now;
        made.add(new Made(move.session(), move.from(), move.to(), now));
      }
      policy.moved(move, movesSucceed, now);
    }
    underWay.addAll(policy.balance(GOLD, heard(gossip.getFirst()), now));
  }

  /** A late view was heard now, however old what it says. */
  private SystemLoad heard(SystemLoad late) {
    List<ServerLoad> loads = new ArrayList<>();
    for (ServerLoad load : late.servers().values()) {
      loads.add(
          new ServerLoad(
              load.server(),
              load.liveness(),
              load.isDraining(),
              load.services(),
              load.sample(),
              load.pressure(),
              load.reserved(),
              now));
    }
    return SystemLoad.of(now, loads);
  }

  private SystemLoad measure() {
    Map<ServerId, List<SessionLoad>> clients = new HashMap<>();
    Map<ServerId, Double> depth = new HashMap<>();
    knees.forEach((id, knee) -> depth.put(id, floor.getOrDefault(id, 0.0) * knee));
    for (Session session : sessions) {
      double demand = 0;
      for (double before = 0.125; before < 1; before += 0.25) {
        demand += session.demand.applyAsDouble(elapsed() - before) / 4;
      }
      session.measured = Math.max(0, demand * (1 + noise * random.nextGaussian()));
      depth.merge(session.at, session.measured, Double::sum);
      clients
          .computeIfAbsent(session.at, key -> new ArrayList<>())
          .add(
              new SessionLoad(
                  session.name,
                  session.client,
                  GOLD,
                  session.since,
                  100 * session.measured,
                  409_600 * session.measured,
                  session.measured,
                  session.locality));
    }
    List<ServerLoad> loads = new ArrayList<>();
    knees.forEach(
        (id, knee) -> {
          List<SessionLoad> own = clients.getOrDefault(id, List.of());
          double pressure = depth.get(id) / knee;
          pressures.put(id, pressure);
          loads.add(
              Loads.server(id.value())
                  .knee(knee)
                  .pressure(pressure)
                  .sessions(own.size())
                  .at(now)
                  .load(own));
        });
    return SystemLoad.of(now, loads);
  }

  /** What the pressures would be if nothing were left to chance. */
  double imbalance() {
    Map<ServerId, Double> depth = new HashMap<>();
    knees.forEach((id, knee) -> depth.put(id, floor.getOrDefault(id, 0.0)));
    for (Session session : sessions) {
      depth.merge(
          session.at, session.demand.applyAsDouble(elapsed()) / knees.get(session.at), Double::sum);
    }
    double max = depth.values().stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    double mean = depth.values().stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    return max / mean;
  }

  /** How many sessions came back to a server sooner than {@code residence} after they left it. */
  long returned(Duration residence) {
    long count = 0;
    for (int i = 0; i < made.size(); i++) {
      for (int j = i + 1; j < made.size(); j++) {
        if (made.get(j).session().equals(made.get(i).session())
            && made.get(j).to().equals(made.get(i).from())
            && Duration.between(made.get(i).at(), made.get(j).at()).compareTo(residence) < 0) {
          count++;
        }
      }
    }
    return count;
  }
}
