package io.sandrift.server.distribution.policy;

import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The one with the lower predicted pressure of a few that are drawn at random, mostly two.
 *
 * <p>Two are enough to keep the fullest server within a few sessions of the mean (the power of two
 * choices), and as different deciders draw different ones, old data don't send everybody to the one
 * server that looked best: no herd.
 */
final class LeastLoadedPolicy implements AllocationPolicy {

  private static final PolicyParameter CHOICES =
      PolicyParameter.number("choices", 2, 1, 64, "", "How many servers are drawn and compared.");

  static final PolicyKind KIND =
      new PolicyKind(
          "least-loaded",
          "The one with the lower predicted pressure of two that are drawn at random.",
          List.of(CHOICES),
          (values, random) -> new LeastLoadedPolicy(values.integer(CHOICES), random));

  private final int choices;
  private final RandomGenerator random;
  private final Census census = new Census();
  private final Ledger ledger = new Ledger();

  LeastLoadedPolicy(int choices, RandomGenerator random) {
    this.choices = choices;
    this.random = random;
  }

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Optional<Allocation> allocate(AllocationRequest request, SystemLoad load, Instant now) {
    census.take(load, request.service());
    List<ServerLoad> drawn = Census.some(census.candidates(request.refused()), choices, random);
    if (drawn.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Double> numbers = new TreeMap<>();
    ServerLoad best = drawn.get(0);
    double lowest = Double.POSITIVE_INFINITY;
    double fewest = Double.POSITIVE_INFINITY;
    for (ServerLoad server : drawn) {
      double predicted = ledger.predicted(server, now);
      // Idle servers all measure nothing; then it is the sessions that tell them apart.
      double crowd = census.crowd(server, ledger.sessions(server, now));
      numbers.put("predicted." + server.server(), predicted);
      if (predicted < lowest || (predicted == lowest && crowd < fewest)) {
        best = server;
        lowest = predicted;
        fewest = crowd;
      }
    }
    ledger.add(best.server(), census.expectedAt(best, request.expectedPressure()), now);
    String reason =
        drawn.size() == 1
            ? best.server() + " was drawn alone"
            : String.format(
                Locale.ROOT,
                "%s has the lowest predicted pressure, %.2f, of %d drawn at random",
                best.server(),
                lowest,
                drawn.size());
    return Optional.of(new Allocation(best.server(), reason, numbers));
  }
}
