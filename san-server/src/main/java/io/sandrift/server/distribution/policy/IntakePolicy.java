package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * All new clients go to the intake of their service, and stay there for as long as they are served.
 * The policy is told who the intake is ({@link #assume}); {@link #review} says whether that should
 * change, with what it has given the intake counted in.
 *
 * <p>While nobody is the intake, or the intake can't be used, the one that the rules would choose
 * serves the client; that alone doesn't make it the intake.
 */
public final class IntakePolicy implements AllocationPolicy {

  static final PolicyKind KIND =
      new PolicyKind(
          "intake",
          "All new clients go to one server, until its load passes a threshold.",
          IntakeRules.PARAMETERS,
          IntakePolicy::new);

  private final IntakeRules rules;
  private final Census census = new Census();
  private final Ledger ledger = new Ledger();
  private IntakeState state = IntakeState.initial("");

  // Nothing here is left to chance: who is the intake must be the same for all that ask.
  @SuppressWarnings("UnusedVariable")
  IntakePolicy(PolicyValues values, RandomGenerator random) {
    this.rules = IntakeRules.of(values);
  }

  @Override
  public String name() {
    return KIND.name();
  }

  /** The rules by which the designation changes. */
  public IntakeRules rules() {
    return rules;
  }

  /** Who the intake is from now on; an older epoch than the known one is refused. */
  public boolean assume(IntakeState next) {
    if (next.service().equals(state.service()) && !next.isAfter(state)) {
      return false;
    }
    state = next;
    return true;
  }

  /** The last state that was assumed. */
  public IntakeState state() {
    return state;
  }

  @Override
  public Optional<Allocation> allocate(AllocationRequest request, SystemLoad load, Instant now) {
    census.take(load, request.service());
    List<ServerLoad> candidates = census.candidates(request.refused());
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    ServerId intake = state.service().equals(request.service()) ? state.intake() : null;
    for (ServerLoad candidate : candidates) {
      if (candidate.server().equals(intake)) {
        String reason =
            intake + " is the intake of " + request.service() + ", epoch " + state.epoch();
        return Optional.of(given(candidate, request, reason, now));
      }
    }
    ServerLoad instead =
        candidates.stream()
            .min(
                Comparator.comparingDouble((ServerLoad each) -> ledger.predicted(each, now))
                    .thenComparing(ServerLoad::server))
            .orElseThrow();
    String reason =
        (intake == null
                ? "nobody is the intake of " + request.service()
                : "the intake, " + intake + ", can't be used now")
            + "; "
            + instead.server()
            + " has the lowest predicted pressure";
    return Optional.of(given(instead, request, reason, now));
  }

  /** Whether the intake should change, as the intake itself, or a resource beside it, sees it. */
  public Optional<IntakeChange> review(ServerId self, SystemLoad load, Instant now) {
    return review(self, load, Nodes.NONE, now);
  }

  /**
   * As the other, where several resources may run on one machine: they hand over between each other
   * first.
   */
  public Optional<IntakeChange> review(ServerId self, SystemLoad load, Nodes nodes, Instant now) {
    ServerId intake = state.intake();
    ServerLoad known = intake == null ? null : load.find(intake);
    if (self.equals(intake)
        && known != null
        && known.admits(state.service())
        && ledger.predicted(known, now) <= rules.threshold()) {
      return Optional.empty(); // mostly so, and asked for each client
    }
    List<IntakeCandidate> candidates = new ArrayList<>();
    for (ServerLoad server : load.servers().values()) {
      if (server.serves(state.service())) {
        double predicted = ledger.predicted(server, now);
        candidates.add(
            new IntakeCandidate(
                server.server(),
                nodes.node(server.server()),
                Math.min(nodes.rating(server.server()), Math.max(0, 1 - predicted)),
                predicted,
                server.admits(state.service())));
      }
    }
    if (self.equals(intake)) {
      return rules.asIntake(state, self, candidates, now);
    }
    Instant heardAt = known == null ? Instant.EPOCH : known.heardAt();
    return rules.asOther(state, self, heardAt, candidates, now);
  }

  private Allocation given(
      ServerLoad server, AllocationRequest request, String reason, Instant now) {
    double predicted = ledger.predicted(server, now);
    ledger.add(server.server(), census.expectedAt(server, request.expectedPressure()), now);
    return new Allocation(
        server.server(),
        reason + String.format(Locale.ROOT, " (load %.2f)", predicted),
        Map.of("epoch", (double) state.epoch(), "predicted." + server.server(), predicted));
  }
}
