package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is the intake of a service, and when that changes. Pure: each resource asks with what it
 * knows, and carries the answer out.
 *
 * <pre>
 *              TAKE_OVER (the first ever)
 *   free ────────────────────────────────▶ taken ──┐ HAND_OVER: load above the threshold,
 *    ▲  ◀──────── GIVE_UP (by time-out) ──── │ ▲ ◀──┘ by identifier or by rating
 *    └───────────────────────────────────────┘ │
 *         a TAKE_OVER again                    └── TAKE_OVER: the intake is silent
 * </pre>
 *
 * <p>A resource takes the designation over by itself when it is free, or when the intake's status
 * messages have stopped for {@code silence}; and not all of them at once: by identifier or rating
 * each waits {@code step} for every one that comes before it, by time-out each waits longer the
 * worse its rating is. Whoever is first wins by compare-and-set; the others see the new epoch.
 *
 * @param choice how the next one is found
 * @param threshold load value above which the intake hands over
 * @param hysteresis how far below the threshold a resource's load must be to become the intake
 * @param tenure how long an intake has been one before it hands over
 * @param silence how long an intake's status messages must have stopped for others to take over
 * @param step how much later each next one takes over; also the shortest time-out of the best rated
 * @param longest the time-out of a resource whose rating is 0
 */
public record IntakeRules(
    IntakeChoice choice,
    double threshold,
    double hysteresis,
    Duration tenure,
    Duration silence,
    Duration step,
    Duration longest) {

  static final PolicyParameter CHOICE =
      PolicyParameter.choice(
          "choice", "rating", IntakeChoice.words(), "How the next intake is found.");
  static final PolicyParameter THRESHOLD =
      PolicyParameter.number(
          "threshold", 0.8, 0.05, 10, "", "Load value above which the intake hands over.");
  static final PolicyParameter HYSTERESIS =
      PolicyParameter.number(
          "hysteresis", 0.1, 0, 5, "", "How far below the threshold the next one's load must be.");
  static final PolicyParameter TENURE =
      PolicyParameter.number(
          "tenure", 0.5, 0, 3600, "s", "How long an intake stays one before it hands over.");
  static final PolicyParameter SILENCE =
      PolicyParameter.number(
          "silence", 3, 0.2, 600, "s", "Without status messages for so long, others take over.");
  static final PolicyParameter STEP =
      PolicyParameter.number(
          "step", 0.5, 0.05, 60, "s", "How much later each next resource takes over.");
  static final PolicyParameter LONGEST =
      PolicyParameter.number(
          "longest", 5, 0.1, 600, "s", "By time-out: that of a resource whose rating is 0.");

  static final List<PolicyParameter> PARAMETERS =
      List.of(CHOICE, THRESHOLD, HYSTERESIS, TENURE, SILENCE, STEP, LONGEST);

  public IntakeRules {
    if (hysteresis >= threshold) {
      throw new IllegalArgumentException(
          "hysteresis is " + hysteresis + ", expected less than the threshold, " + threshold);
    }
    if (longest.compareTo(step) < 0) {
      throw new IllegalArgumentException(
          "longest is " + longest + ", expected at least the step, " + step);
    }
  }

  /** Those of a policy's values. */
  static IntakeRules of(PolicyValues values) {
    return new IntakeRules(
        IntakeChoice.valueOf(values.text(CHOICE).toUpperCase(Locale.ROOT)),
        values.number(THRESHOLD),
        values.number(HYSTERESIS),
        values.seconds(TENURE),
        values.seconds(SILENCE),
        values.seconds(STEP),
        values.seconds(LONGEST));
  }

  /** Those of a spec whose policy is {@code intake}. */
  public static IntakeRules of(PolicySpec spec) {
    if (!spec.policy().equals(IntakePolicy.KIND.name())) {
      throw new IllegalArgumentException(
          "the policy is " + spec.policy() + ", expected " + IntakePolicy.KIND.name());
    }
    return of(new PolicyValues(spec.values()));
  }

  /**
   * What the intake itself does: it hands over, or gives up, when its load is above the threshold
   * and somebody is fit to follow; or when it takes no new clients any more. While all are as
   * loaded as it is, it stays.
   *
   * @param state in which {@code self} is the intake; otherwise nothing is to be done
   * @param candidates all that serve the service, {@code self} among them
   */
  public Optional<IntakeChange> asIntake(
      IntakeState state, ServerId self, List<IntakeCandidate> candidates, Instant now) {
    if (!self.equals(state.intake())) {
      return Optional.empty();
    }
    IntakeCandidate own = find(candidates, self);
    boolean leaves = own == null || !own.admits();
    boolean full =
        own != null && own.load() > threshold && !now.isBefore(state.since().plus(tenure));
    if (!leaves && !full) {
      return Optional.empty();
    }
    double limit = leaves ? Double.POSITIVE_INFINITY : threshold - hysteresis;
    List<IntakeCandidate> fit = followers(self, own, candidates, limit);
    if (fit.isEmpty()) {
      return Optional.empty();
    }
    String why =
        leaves
            ? self + " takes no new clients"
            : String.format(
                Locale.ROOT,
                "%s's load is %.2f, above %.2f",
                self,
                own == null ? 0 : own.load(),
                threshold);
    Map<String, Double> numbers =
        Map.of(
            "load", own == null ? 0 : own.load(), "threshold", threshold, "fit", 0.0 + fit.size());
    // With a follower on the same node there is nothing to wait for: the node's own list says who.
    if (choice == IntakeChoice.TIMEOUT && !onNodeOf(own, fit.get(0))) {
      return Optional.of(
          new IntakeChange(
              IntakeChange.Kind.GIVE_UP,
              state,
              state.givenUp(now),
              why + "; the first whose time-out ends follows",
              numbers));
    }
    ServerId next = fit.get(0).server();
    return Optional.of(
        new IntakeChange(
            IntakeChange.Kind.HAND_OVER,
            state,
            state.takenBy(next, now),
            why + "; " + next + " follows by " + choice.word(),
            numbers));
  }

  /**
   * What any other resource does: it takes the designation over by itself when it is free, or the
   * intake silent, and its turn has come.
   *
   * @param intakeHeardAt when the last status message of the intake came; of no meaning while the
   *     designation is free
   */
  public Optional<IntakeChange> asOther(
      IntakeState state,
      ServerId self,
      Instant intakeHeardAt,
      List<IntakeCandidate> candidates,
      Instant now) {
    Optional<Instant> turn = turn(state, self, intakeHeardAt, candidates);
    if (turn.isEmpty() || now.isBefore(turn.get())) {
      return Optional.empty();
    }
    String why =
        state.intake() == null
            ? "nobody is the intake"
            : state.intake() + " has been silent for more than " + seconds(silence);
    return Optional.of(
        new IntakeChange(
            IntakeChange.Kind.TAKE_OVER,
            state,
            state.takenBy(self, now),
            why + "; " + self + " takes over by " + choice.word(),
            Map.of(
                "waited",
                Duration.between(waitsFrom(state, intakeHeardAt), now).toMillis() / 1000.0)));
  }

  /**
   * When a resource's turn to take over comes, if nothing is heard until then. For a timer.
   *
   * @return empty when it may not become the intake
   */
  public Optional<Instant> turn(
      IntakeState state, ServerId self, Instant intakeHeardAt, List<IntakeCandidate> candidates) {
    IntakeCandidate own = find(candidates, self);
    if (self.equals(state.intake()) || own == null || !own.admits()) {
      return Optional.empty();
    }
    Instant from = waitsFrom(state, intakeHeardAt);
    Instant free = state.intake() == null ? from : from.plus(silence);
    return Optional.of(free.plus(delay(state, own, candidates)));
  }

  /**
   * By time-out, how long a resource waits: {@code step} when its rating is 1, {@code longest} when
   * it is 0.
   */
  public Duration timeout(double rating) {
    double worse = 1 - Math.min(1, Math.max(0, rating));
    return step.plusMillis(Math.round(longest.minus(step).toMillis() * worse));
  }

  private static Instant waitsFrom(IntakeState state, Instant intakeHeardAt) {
    // An intake that has just been named hasn't had the time to say anything.
    return state.intake() == null || state.since().isAfter(intakeHeardAt)
        ? state.since()
        : intakeHeardAt;
  }

  private Duration delay(IntakeState state, IntakeCandidate own, List<IntakeCandidate> candidates) {
    if (choice == IntakeChoice.TIMEOUT) {
      return timeout(own.rating());
    }
    List<IntakeCandidate> order = new ArrayList<>(candidates);
    order.removeIf(each -> !each.admits() || each.server().equals(state.intake()));
    ServerId last = state.intake() == null ? state.previous() : state.intake();
    order.sort(order(last));
    int rank = 0;
    while (rank < order.size() && !order.get(rank).server().equals(own.server())) {
      rank++;
    }
    return step.multipliedBy(rank);
  }

  /** Those that may follow, the first choice first; those of the same node before others. */
  private List<IntakeCandidate> followers(
      ServerId self,
      @Nullable IntakeCandidate own,
      List<IntakeCandidate> candidates,
      double loadLimit) {
    List<IntakeCandidate> fit = new ArrayList<>();
    for (IntakeCandidate candidate : candidates) {
      if (candidate.admits() && !candidate.server().equals(self) && candidate.load() <= loadLimit) {
        fit.add(candidate);
      }
    }
    Comparator<IntakeCandidate> nodeFirst =
        Comparator.comparing(candidate -> onNodeOf(own, candidate) ? 0 : 1);
    fit.sort(nodeFirst.thenComparing(order(self)));
    return fit;
  }

  private Comparator<IntakeCandidate> order(@Nullable ServerId last) {
    if (choice == IntakeChoice.IDENTIFIER) {
      Comparator<IntakeCandidate> largerFirst =
          Comparator.comparing(
              candidate -> last != null && candidate.server().compareTo(last) > 0 ? 0 : 1);
      return largerFirst.thenComparing(IntakeCandidate::server);
    }
    Comparator<IntakeCandidate> byRating = Comparator.comparingDouble(each -> -each.rating());
    return byRating.thenComparing(IntakeCandidate::server);
  }

  private static boolean onNodeOf(@Nullable IntakeCandidate own, IntakeCandidate other) {
    return own != null && own.node().equals(other.node());
  }

  private static @Nullable IntakeCandidate find(List<IntakeCandidate> candidates, ServerId server) {
    for (IntakeCandidate candidate : candidates) {
      if (candidate.server().equals(server)) {
        return candidate;
      }
    }
    return null;
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
  }
}
