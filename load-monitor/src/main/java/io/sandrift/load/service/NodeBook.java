package io.sandrift.load.service;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Works out the instances' ratings and the node's load from their service messages. Time comes in
 * with each call. Safe for all threads.
 *
 * <pre>
 *   rating    = max(0, 1 − pressure) × what the status lets through:
 *               SERVING 1, IMPAIRED 0.25, all others 0
 *   node load = mean pressure of the instances, each weighted with its knee
 * </pre>
 *
 * <p>The weights make nodes comparable: an instance that can do ten times as much as another counts
 * ten times as much. An instance whose messages have stopped is left out, and forgotten.
 */
public final class NodeBook {

  /** An instance that has been silent for so long has ended. */
  public static final Duration SILENCE = Duration.ofSeconds(10);

  /** No machine has more instances; those beyond are refused. */
  public static final int MAX_INSTANCES = 64;

  private static final double IMPAIRED_SHARE = 0.25;

  private final String node;
  private final PressureFormula formula;

  /** Guarded by this. */
  private final Map<ServerId, Heard> instances = new HashMap<>();

  private record Heard(ServiceMessage message, Instant at) {}

  public NodeBook(String node, PressureFormula formula) {
    this.node = NodeReport.requireName(node);
    this.formula = formula;
  }

  /**
   * Takes a message in.
   *
   * @return false if there are too many instances already
   */
  public synchronized boolean heard(ServiceMessage message, Instant now) {
    forgetSilent(now);
    if (!instances.containsKey(message.instance()) && instances.size() >= MAX_INSTANCES) {
      return false;
    }
    instances.put(message.instance(), new Heard(message, now));
    return true;
  }

  /** The node as it is now. */
  public synchronized NodeReport report(Instant now) {
    forgetSilent(now);
    List<InstanceRating> ratings = new ArrayList<>();
    double weighted = 0;
    double weights = 0;
    for (Heard heard : instances.values()) {
      ServiceMessage message = heard.message();
      double pressure = formula.of(message.sample()).value();
      double weight = Math.max(1, message.sample().knee());
      weighted += weight * pressure;
      weights += weight;
      ratings.add(
          new InstanceRating(
              message.instance(),
              message.status(),
              message.services(),
              pressure,
              rating(message.status(), pressure)));
    }
    ratings.sort(
        Comparator.comparingDouble(InstanceRating::rating)
            .reversed()
            .thenComparing(InstanceRating::instance));
    return new NodeReport(node, now, weights == 0 ? 0 : weighted / weights, ratings);
  }

  private static double rating(OperationalStatus status, double pressure) {
    double share =
        switch (status) {
          case SERVING -> 1;
          case IMPAIRED -> IMPAIRED_SHARE;
          case STARTING, DRAINING, STOPPING -> 0;
        };
    return share * Math.max(0, 1 - pressure);
  }

  private void forgetSilent(Instant now) {
    instances.values().removeIf(heard -> heard.at().plus(SILENCE).isBefore(now));
  }
}
