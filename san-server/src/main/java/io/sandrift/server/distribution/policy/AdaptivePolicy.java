package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.Liveness;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.policy.ServerTrack.Temperature;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Sends new clients where the pressure is low and their blocks are, and moves established sessions
 * from servers that stay hotter than the others to such places.
 *
 * <p>It would rather do nothing. A server must be hot or cold for several windows in a row, beyond
 * what its samples vary by; a session that was moved stays; the whole cluster has a budget of
 * moves; each must relieve more than it costs; and a server from which moves didn't help is left
 * alone. What was decided and isn't measured yet counts as done, so that old data don't move
 * anything twice.
 */
final class AdaptivePolicy implements BalancingPolicy {

  static final PolicyKind KIND =
      new PolicyKind(
          "adaptive",
          "By predicted pressure and locality; also moves established sessions, with damping.",
          AdaptiveRules.PARAMETERS,
          (values, random) -> new AdaptivePolicy(AdaptiveRules.of(values), random));

  /** How many of a session's best places, by where its blocks are, are looked at. */
  private static final int LOCAL_PLACES = 2;

  /** A server that nothing has been heard of for so long isn't judged. */
  private static final Duration STALE = Duration.ofSeconds(30);

  /** A session whose move failed isn't tried again for so long. */
  private static final Duration RETRY = Duration.ofSeconds(30);

  /**
   * What a session adds at its destination may be so many times what is expected. So a move must
   * bring a tenth of what it shifts; to let two servers change places isn't worth anything.
   */
  private static final double UNSURE = 1.1;

  /** Moves that haven't ended may be this many seconds' budget. */
  private static final double UNFINISHED_SECONDS = 5;

  private final AdaptiveRules rules;
  private final RandomGenerator random;
  private final Census census = new Census();
  private final Ledger ledger = new Ledger();
  private final Map<ServerId, ServerTrack> tracks = new HashMap<>();
  private final MovesUnderWay underWay = new MovesUnderWay();
  private final MoveBudget budget = new MoveBudget();

  /** Until when each session that was moved, or failed to be, stays where it is. */
  private final Map<String, Instant> staysUntil = new HashMap<>();

  AdaptivePolicy(AdaptiveRules rules, RandomGenerator random) {
    this.rules = rules;
    this.random = random;
  }

  @Override
  public String name() {
    return KIND.name();
  }

  // ---- new clients ----

  @Override
  public Optional<Allocation> allocate(AllocationRequest request, SystemLoad load, Instant now) {
    census.take(load, request.service());
    List<ServerLoad> all = census.candidates(request.refused());
    if (all.isEmpty()) {
      return Optional.empty();
    }
    Set<ServerLoad> looked = new LinkedHashSet<>(Census.some(all, rules.choices(), random));
    for (ServerId local : mostLocal(request.locality(), null)) {
      ServerLoad server = load.find(local);
      if (server != null
          && server.admits(request.service())
          && !request.refused().contains(local)) {
        looked.add(server);
      }
    }
    Map<String, Double> numbers = new TreeMap<>();
    ServerLoad best = all.get(0);
    double lowest = Double.POSITIVE_INFINITY;
    for (ServerLoad server : looked) {
      double score = score(server, request, now);
      numbers.put("score." + server.server(), score);
      if (score < lowest) {
        lowest = score;
        best = server;
      }
    }
    double predicted = ledger.predicted(best, now);
    double share = request.locality().getOrDefault(best.server(), 0.0);
    numbers.put("predicted." + best.server(), predicted);
    numbers.put("locality." + best.server(), share);
    ledger.add(best.server(), arriving(best, request), now);
    String reason =
        String.format(
            Locale.ROOT,
            "%s is the best of %d: predicted pressure %.2f, %.0f%% of the blocks",
            best.server(),
            looked.size(),
            predicted,
            100 * share);
    return Optional.of(new Allocation(best.server(), reason, numbers));
  }

  private double arriving(ServerLoad server, AllocationRequest request) {
    double share = request.locality().getOrDefault(server.server(), 0.0);
    return census.expectedAt(server, request.expectedPressure()) * rules.withForwarding(share);
  }

  private double score(ServerLoad server, AllocationRequest request, Instant now) {
    double arriving = arriving(server, request);
    double share = request.locality().getOrDefault(server.server(), 0.0);
    return ledger.predicted(server, now)
        + arriving
        - rules.locality() * share * arriving
        + rules.crowd() * census.crowd(server, ledger.sessions(server, now))
        + (request.siblings().contains(server.server()) ? rules.sibling() : 0);
  }

  // ---- established sessions ----

  @Override
  public List<SessionMove> balance(String service, SystemLoad load, Instant now) {
    List<ServerTrack> servers = observe(service, load, now);
    if (servers.size() < 2) {
      return List.of();
    }
    double mean = mean(servers);
    if (mean <= 0) {
      return List.of();
    }
    boolean allLow = servers.stream().allMatch(each -> each.belief() < rules.low());
    boolean allHigh = servers.stream().allMatch(each -> each.belief() > rules.high());
    boolean anyUnequal = false;
    long sessions = 0;
    for (ServerTrack server : servers) {
      boolean worthwhile = !allHigh || server.belief() > rules.highEnter() * mean;
      server.judge(mean, !allLow && worthwhile, now);
      server.judgeTrial(now);
      anyUnequal |= server.temperature() != Temperature.NORMAL;
      sessions += server.load().sessions();
    }
    double rate = Math.max(rules.movesPerSecond(), rules.moveShare() * sessions);
    budget.fill(rate, now);
    if (!anyUnequal) {
      return List.of();
    }
    int room = (int) Math.ceil(rate * UNFINISHED_SECONDS) - underWay.unfinished();
    return search(service, servers, room, now);
  }

  @Override
  public void moved(SessionMove move, boolean succeeded, Instant now) {
    if (succeeded) {
      underWay.succeeded(move.session(), now);
      stays(move.session(), rules.residence(), now);
      return;
    }
    MovesUnderWay.Failed failed = underWay.failed(move.session());
    if (failed != null) {
      ServerTrack from = tracks.get(move.from());
      ServerTrack to = tracks.get(move.to());
      if (from != null) {
        from.takes(failed.leaving());
      }
      if (to != null) {
        to.takes(-failed.arriving());
      }
      stays(move.session(), RETRY, now);
    }
  }

  private void stays(String session, Duration time, Instant now) {
    staysUntil.values().removeIf(until -> !now.isBefore(until)); // also where nothing is balanced
    staysUntil.put(session, now.plus(time));
  }

  /** The servers that are judged, with what is known of them by now. */
  private List<ServerTrack> observe(String service, SystemLoad load, Instant now) {
    List<ServerLoad> counted = new ArrayList<>();
    Map<ServerId, Measured> measured = new HashMap<>();
    for (ServerLoad server : load.servers().values()) {
      if (server.liveness() == Liveness.ALIVE
          && server.serves(service)
          && !server.isDraining()
          && server.sample() != null
          && now.isBefore(server.heardAt().plus(STALE))) {
        counted.add(server);
        measured.put(server.server(), Measured.of(server));
      }
    }
    underWay.compare(measured, now);
    tracks.keySet().retainAll(measured.keySet());
    double mean = mean(tracks.values());
    List<ServerTrack> servers = new ArrayList<>(counted.size());
    for (ServerLoad server : counted) {
      double change = underWay.change(server.server());
      ServerTrack track = tracks.get(server.server());
      if (track == null) {
        track = new ServerTrack(rules, server, change);
        tracks.put(server.server(), track);
      } else {
        track.observe(server, change, mean);
      }
      servers.add(track);
    }
    return servers;
  }

  private static double mean(Iterable<ServerTrack> servers) {
    double sum = 0;
    int count = 0;
    for (ServerTrack server : servers) {
      sum += server.belief();
      count++;
    }
    return count == 0 ? 0 : sum / count;
  }

  private List<SessionMove> search(
      String service, List<ServerTrack> servers, int room, Instant now) {
    List<SessionMove> moves = new ArrayList<>();
    Set<ServerTrack> done = new HashSet<>();
    while (moves.size() < room && !budget.isEmpty()) {
      double mean = mean(servers);
      ServerTrack from = source(servers, done, mean, now);
      if (from == null) {
        return moves;
      }
      Found found = find(service, from, servers, mean, now);
      if (found == null) {
        done.add(from);
        if (from.temperature() == Temperature.HOT) {
          from.rest(now); // nothing to gain here; no use in searching again in each window
        }
        continue;
      }
      budget.take();
      SessionMove move = found.move(from, mean, rules);
      underWay.begin(move, found.leaving(), found.arriving(), now);
      from.gives(found.leaving(), mean, now);
      found.to().takes(found.arriving());
      moves.add(move);
    }
    return moves;
  }

  /** The hottest; while some are cold and none is hot, the one with the highest pressure. */
  private static @Nullable ServerTrack source(
      List<ServerTrack> servers, Set<ServerTrack> done, double mean, Instant now) {
    boolean anyCold = false;
    for (ServerTrack server : servers) {
      anyCold |= server.temperature() == Temperature.COLD && server.belief() < mean;
    }
    ServerTrack hottest = null;
    for (ServerTrack server : servers) {
      boolean gives =
          server.temperature() == Temperature.HOT
              ? server.isStillHot(mean)
              : anyCold && server.belief() > mean;
      if (gives
          && !done.contains(server)
          && !server.isHeld(now)
          && !server.isResting(now)
          && (hottest == null || server.belief() > hottest.belief())) {
        hottest = server;
      }
    }
    return hottest;
  }

  /** A move that is worth its cost. */
  private record Found(
      SessionLoad session,
      ServerTrack to,
      double leaving,
      double arriving,
      double benefit,
      double score) {

    SessionMove move(ServerTrack from, double mean, AdaptiveRules rules) {
      ServerId source = from.load().server();
      ServerId destination = to.load().server();
      Map<String, Double> numbers = new TreeMap<>();
      numbers.put("pressure.from", from.belief());
      numbers.put("pressure.to", to.belief());
      numbers.put("pressure.mean", mean);
      numbers.put("session.leaving", leaving);
      numbers.put("session.arriving", arriving);
      numbers.put("locality.from", session.locality().getOrDefault(source, 0.0));
      numbers.put("locality.to", session.locality().getOrDefault(destination, 0.0));
      numbers.put("benefit", benefit);
      numbers.put("benefit.least", rules.leastBenefit());
      return new SessionMove(
          session.session(),
          source,
          destination,
          String.format(
              Locale.ROOT,
              "%s's pressure is %.2f, %s's %.2f, the mean %.2f; the session takes %.3f along",
              source,
              from.belief(),
              destination,
              to.belief(),
              mean,
              leaving),
          numbers);
    }
  }

  private @Nullable Found find(
      String service, ServerTrack from, List<ServerTrack> servers, double mean, Instant now) {
    Sample sample = from.load().sample();
    if (sample == null) {
      return null;
    }
    List<ServerTrack> drawn = draw(servers, from, service, mean);
    Found best = null;
    for (SessionLoad session : sample.clients()) {
      double leaving = from.weight(session.session());
      if (leaving <= rules.leastBenefit() || !mayMove(session, service, sample, now)) {
        continue;
      }
      for (ServerTrack to : drawn) {
        best = better(best, weigh(session, leaving, from, to, mean));
      }
      for (ServerId local : mostLocal(session.locality(), from.load().server())) {
        ServerTrack to = tracks.get(local);
        if (to != null && !drawn.contains(to) && isDestination(to, from, service)) {
          best = better(best, weigh(session, leaving, from, to, mean));
        }
      }
    }
    return best;
  }

  private boolean mayMove(SessionLoad session, String service, Sample sample, Instant now) {
    Instant until = staysUntil.get(session.session());
    return session.service().equals(service)
        && (until == null || !now.isBefore(until))
        && !underWay.contains(session.session())
        && !session.since().plus(rules.settle()).isAfter(sample.takenAt());
  }

  private static @Nullable Found better(@Nullable Found one, @Nullable Found other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    return other.score() > one.score() ? other : one;
  }

  /** Some of the servers below the mean, drawn at random, and a cold one if there is any. */
  private List<ServerTrack> draw(
      List<ServerTrack> servers, ServerTrack from, String service, double mean) {
    List<ServerTrack> cold = new ArrayList<>();
    List<ServerTrack> cool = new ArrayList<>();
    for (ServerTrack server : servers) {
      if (predicted(server) < mean && isDestination(server, from, service)) {
        cool.add(server);
        if (server.temperature() == Temperature.COLD) {
          cold.add(server);
        }
      }
    }
    List<ServerTrack> drawn = new ArrayList<>();
    if (!cold.isEmpty()) {
      ServerTrack one = cold.get(random.nextInt(cold.size()));
      drawn.add(one);
      cool.remove(one);
    }
    int wanted = Math.max(rules.choices(), drawn.size());
    while (drawn.size() < wanted && !cool.isEmpty()) {
      int index = random.nextInt(cool.size());
      drawn.add(cool.get(index));
      cool.set(index, cool.get(cool.size() - 1));
      cool.remove(cool.size() - 1);
    }
    return drawn;
  }

  private boolean isDestination(ServerTrack to, ServerTrack from, String service) {
    return to != from
        && to.temperature() != Temperature.HOT
        && to.load().admits(service)
        && predicted(to) < from.belief();
  }

  /** What is believed of it, with the clients that were sent there besides the moves. */
  private double predicted(ServerTrack server) {
    ServerLoad load = server.load();
    return server.belief() + Math.max(0, load.reserved() - underWay.arriving(load.server()));
  }

  private @Nullable Found weigh(
      SessionLoad session, double leaving, ServerTrack from, ServerTrack to, double mean) {
    Sample source = from.load().sample();
    Sample destination = to.load().sample();
    if (source == null || destination == null) {
      return null;
    }
    double shareThere = session.locality().getOrDefault(from.load().server(), 0.0);
    double shareHere = session.locality().getOrDefault(to.load().server(), 0.0);
    double knees = Census.bounded(source.knee() / destination.knee());
    double arriving =
        leaving * rules.withForwarding(shareHere) / rules.withForwarding(shareThere) * knees;
    // A server that was never loaded doesn't know its knee: that it be larger isn't relied on.
    double atMost = UNSURE * arriving / Math.min(1, knees);
    double before = from.belief();
    double after = Math.max(before - leaving, predicted(to) + atMost);
    double benefit = before - after;
    if (benefit <= rules.leastBenefit()) {
      return null;
    }
    double score =
        benefit
            + rules.locality() * leaving * (shareHere - shareThere)
            // Rather a place that doesn't become hot by it.
            - Math.max(0, predicted(to) + arriving - mean * rules.leave());
    if (serves(destination, session.client()) && !servesAnother(source, session)) {
      score -= rules.sibling() * leaving;
      if (score <= rules.leastBenefit()) {
        return null;
      }
    }
    return new Found(session, to, leaving, arriving, benefit, score);
  }

  private static boolean serves(Sample sample, String client) {
    for (SessionLoad session : sample.clients()) {
      if (session.client().equals(client)) {
        return true;
      }
    }
    return false;
  }

  private static boolean servesAnother(Sample sample, SessionLoad than) {
    for (SessionLoad session : sample.clients()) {
      if (session.client().equals(than.client()) && !session.session().equals(than.session())) {
        return true;
      }
    }
    return false;
  }

  /** Where most of the blocks are, at the most two places, best first. */
  private static List<ServerId> mostLocal(
      Map<ServerId, Double> locality, @Nullable ServerId except) {
    if (locality.isEmpty()) {
      return List.of();
    }
    return locality.entrySet().stream()
        .filter(each -> !each.getKey().equals(except))
        .sorted(
            Map.Entry.<ServerId, Double>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(LOCAL_PLACES)
        .map(Map.Entry::getKey)
        .toList();
  }
}
