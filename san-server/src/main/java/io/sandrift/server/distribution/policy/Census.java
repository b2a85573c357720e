package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What several policies need to know of a view: who may be selected, and what a session of unknown
 * demand weighs. Computed once for each view, as a thousand requests may be decided on the same
 * one.
 */
final class Census {

  /** What an unknown session weighs at the least, on an average server. */
  static final double LEAST_SESSION = 0.002;

  /** How far apart two servers' capacities are taken to be at the most. */
  private static final double WIDEST_RATIO = 16;

  private @Nullable SystemLoad of;
  private String service = "";
  private List<ServerLoad> admitting = List.of();
  private double meanKnee = 1;
  private double typical = LEAST_SESSION;
  private double meanSessions;

  /** Looks at a view; does nothing when it is the one that was looked at last. */
  @SuppressWarnings("ReferenceEquality") // the same view, not an equal one: that is quick to tell
  void take(SystemLoad load, String forService) {
    if (load == of && forService.equals(service)) {
      return;
    }
    of = load;
    service = forService;
    admitting = load.admitting(forService);
    double knees = 0;
    double work = 0;
    long sessions = 0;
    int sampled = 0;
    for (ServerLoad server : admitting) {
      Sample sample = server.sample();
      if (sample != null) {
        sampled++;
        knees += sample.knee();
        work += server.pressure().value() * sample.knee();
        sessions += sample.sessions();
      }
    }
    meanKnee = sampled == 0 ? 1 : knees / sampled;
    meanSessions = sampled == 0 ? 0 : (double) sessions / sampled;
    typical = sessions == 0 ? LEAST_SESSION : Math.max(LEAST_SESSION, work / meanKnee / sessions);
  }

  /** Who may be selected, by id, without those that refused the request. */
  List<ServerLoad> candidates(Set<ServerId> refused) {
    return refused.isEmpty()
        ? admitting
        : admitting.stream().filter(load -> !refused.contains(load.server())).toList();
  }

  /** What a session adds to the server's pressure, given what it adds to an average server's. */
  double expectedAt(ServerLoad server, double expectedPressure) {
    return (expectedPressure > 0 ? expectedPressure : typical) / capacity(server);
  }

  /** The server's capacity, where the mean is 1. */
  double capacity(ServerLoad server) {
    Sample sample = server.sample();
    return sample == null ? 1 : bounded(sample.knee() / meanKnee);
  }

  /** How many times its share of the sessions, by capacity, the server has; 1 is its share. */
  double crowd(ServerLoad server, int sessions) {
    return sessions / capacity(server) / Math.max(1, meanSessions);
  }

  static double bounded(double ratio) {
    return ratio > 0 ? Math.min(WIDEST_RATIO, Math.max(1 / WIDEST_RATIO, ratio)) : 1;
  }

  /** Some of a list at random, all when there aren't more; in no order. */
  static List<ServerLoad> some(List<ServerLoad> all, int count, RandomGenerator random) {
    if (all.size() <= count) {
      return all;
    }
    Set<Integer> picked = new HashSet<>();
    List<ServerLoad> some = new ArrayList<>(count);
    while (some.size() < count) {
      int index = random.nextInt(all.size());
      if (picked.add(index)) {
        some.add(all.get(index));
      }
    }
    return some;
  }
}
