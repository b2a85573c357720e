package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.Pressure.Part;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The one with the lowest score, in which many metrics of every server are weighed.
 *
 * <pre>
 * score = Σ weight × metric / Σ weight + what the session adds
 *         + sibling penalty × sessions of the same client there − locality weight × its share of the blocks
 * </pre>
 *
 * <p>What the reached server says of itself in the request counts for it, when it is fresher than
 * what it has gossiped.
 */
final class MasterPolicy implements AllocationPolicy {

  private static final PolicyParameter PRESSURE =
      weight("pressure-weight", 1, "Weight of the predicted pressure, reservations included.");
  private static final PolicyParameter LATENCY =
      weight("latency-weight", 0.3, "Weight of the 99th percentile against its unloaded value.");
  private static final PolicyParameter SESSIONS =
      weight("sessions-weight", 0.2, "Weight of the number of sessions against the mean.");
  private static final PolicyParameter CPU =
      weight("cpu-weight", 0.1, "Weight of the processors' use.");
  private static final PolicyParameter NETWORK =
      weight("network-weight", 0.1, "Weight of the network's use.");
  private static final PolicyParameter STORAGE =
      weight("storage-weight", 0.2, "Weight of dirty bytes, flush time and stalls of the store.");
  private static final PolicyParameter GC =
      weight("gc-weight", 0.1, "Weight of the share of time in garbage collection pauses.");
  private static final PolicyParameter SIBLING =
      weight("sibling-penalty", 0.5, "What a server loses that serves a session of this client.");
  private static final PolicyParameter LOCALITY =
      weight("locality-weight", 0.1, "What a server gains that owns all blocks of the volume.");

  static final PolicyKind KIND =
      new PolicyKind(
          "master",
          "The best of all servers, by a weighted sum of many metrics.",
          List.of(PRESSURE, LATENCY, SESSIONS, CPU, NETWORK, STORAGE, GC, SIBLING, LOCALITY),
          MasterPolicy::new);

  private final PolicyValues weights;
  private final double sibling;
  private final double locality;
  private final double[] byMetric;
  private final double sum;
  private final RandomGenerator random;
  private final Census census = new Census();
  private final Ledger ledger = new Ledger();

  MasterPolicy(PolicyValues weights, RandomGenerator random) {
    this.weights = weights;
    this.random = random;
    this.sibling = weights.number(SIBLING);
    this.locality = weights.number(LOCALITY);
    this.byMetric = numbers(PRESSURE, LATENCY, SESSIONS, CPU, NETWORK, STORAGE, GC);
    double total = 0;
    for (double each : byMetric) {
      total += each;
    }
    if (total <= 0) {
      throw new IllegalArgumentException(
          "all weights of the metrics are 0, expected one above 0, such as pressure-weight");
    }
    this.sum = total;
  }

  private static PolicyParameter weight(String name, double value, String sentence) {
    return PolicyParameter.number(name, value, 0, 10, "", sentence);
  }

  private double[] numbers(PolicyParameter... parameters) {
    double[] numbers = new double[parameters.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = weights.number(parameters[i]);
    }
    return numbers;
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Optional<Allocation> allocate(AllocationRequest request, SystemLoad load, Instant now) {
    census.take(load, request.service());
    double lowest = Double.POSITIVE_INFINITY;
    double second = Double.POSITIVE_INFINITY;
    List<ServerLoad> equals = new ArrayList<>();
    for (ServerLoad gossiped : census.candidates(request.refused())) {
      ServerLoad server = fresher(gossiped, request.reachedLoad());
      if (!server.admits(request.service())) {
        continue;
      }
      double score = score(server, request, now);
      if (score < lowest) {
        second = lowest;
        lowest = score;
        equals.clear();
      } else {
        second = Math.min(second, score);
      }
      if (score == lowest) {
        equals.add(server);
      }
    }
    if (equals.isEmpty()) {
      return Optional.empty();
    }
    ServerLoad best = equals.get(equals.size() == 1 ? 0 : random.nextInt(equals.size()));
    Map<String, Double> numbers = numbers(best, request, now);
    numbers.put("score", lowest);
    if (Double.isFinite(second)) {
      numbers.put("score.next", second);
    }
    ledger.add(best.server(), census.expectedAt(best, request.expectedPressure()), now);
    String reason =
        Double.isFinite(second)
            ? String.format(
                Locale.ROOT,
                "%s has the lowest score, %.3f; the next has %.3f",
                best.server(),
                lowest,
                second)
            : best.server() + " is the only one that may be selected";
    return Optional.of(new Allocation(best.server(), reason, numbers));
  }

  private double score(ServerLoad server, AllocationRequest request, Instant now) {
    double score = 0;
    for (int i = 0; i < byMetric.length; i++) {
      score += byMetric[i] * metric(i, server, now);
    }
    ServerId id = server.server();
    return score / sum
        + census.expectedAt(server, request.expectedPressure())
        + (request.siblings().contains(id) ? sibling : 0)
        - locality * request.locality().getOrDefault(id, 0.0);
  }

  /** In the order of the weights. */
  private double metric(int index, ServerLoad server, Instant now) {
    Sample sample = server.sample();
    return switch (index) {
      case 0 -> ledger.predicted(server, now);
      case 1 -> part(server, Part.LATENCY);
      case 2 -> census.crowd(server, ledger.sessions(server, now));
      case 3 -> sample == null ? 0 : sample.cpu();
      case 4 -> part(server, Part.NETWORK);
      case 5 -> part(server, Part.STORAGE);
      default -> sample == null ? 0 : sample.gcPause();
    };
  }

  private static double part(ServerLoad server, Part part) {
    return server.pressure().parts().getOrDefault(part, 0.0);
  }

  private Map<String, Double> numbers(ServerLoad server, AllocationRequest request, Instant now) {
    ServerId id = server.server();
    Map<String, Double> numbers = new TreeMap<>();
    numbers.put("predicted", metric(0, server, now));
    numbers.put("latency", metric(1, server, now));
    numbers.put("crowd", metric(2, server, now));
    numbers.put("cpu", metric(3, server, now));
    numbers.put("network", metric(4, server, now));
    numbers.put("storage", metric(5, server, now));
    numbers.put("gc", metric(6, server, now));
    numbers.put("sibling", request.siblings().contains(id) ? 1.0 : 0.0);
    numbers.put("locality", request.locality().getOrDefault(id, 0.0));
    return numbers;
  }

  /** What a server says of itself goes before what it has said earlier. */
  private static ServerLoad fresher(ServerLoad gossiped, @Nullable ServerLoad own) {
    if (own == null || !own.server().equals(gossiped.server())) {
      return gossiped;
    }
    Sample ownSample = own.sample();
    Sample known = gossiped.sample();
    if (ownSample == null || (known != null && !ownSample.takenAt().isAfter(known.takenAt()))) {
      return gossiped;
    }
    return new ServerLoad(
        gossiped.server(),
        gossiped.liveness(),
        gossiped.isDraining() || own.isDraining(),
        gossiped.services(),
        ownSample,
        own.pressure(),
        Math.max(gossiped.reserved(), own.reserved()),
        own.heardAt());
  }
}
