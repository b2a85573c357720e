package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.SampleJson;
import io.sandrift.server.target.Target;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides about the logins that reach this server: by itself, or, where the service's policy is
 * {@code master}, by asking the master, with its own load in the request.
 *
 * <pre>
 *   select ──▶ reserve there ──▶ decided
 *     ▲             │ refused
 *     └─────────────┘ at most twice, then nowhere
 * </pre>
 *
 * <p>Confined to distribution's thread.
 */
final class SlaveRole {

  private static final Logger LOG = LoggerFactory.getLogger(SlaveRole.class);

  private final Surroundings surroundings;
  private final PolicyBoard policies;
  private final Mastership mastership;
  private final Intakes intakes;
  private final Allocator allocator;
  private final Selection selection;
  private final Mesh mesh;
  private final Executor thread;
  private final DistributionLimits limits;
  private final AssignmentLog log;

  SlaveRole(
      Surroundings surroundings,
      PolicyBoard policies,
      Mastership mastership,
      Intakes intakes,
      Allocator allocator,
      Selection selection,
      Mesh mesh,
      Executor thread,
      DistributionLimits limits,
      AssignmentLog log) {
    this.surroundings = surroundings;
    this.policies = policies;
    this.mastership = mastership;
    this.intakes = intakes;
    this.allocator = allocator;
    this.selection = selection;
    this.mesh = mesh;
    this.thread = thread;
    this.limits = limits;
    this.log = log;
  }

  /** Where a login belongs; empty when no server keeps a place for it. */
  CompletableFuture<Optional<Decision>> decide(Wire.Who who, Target target) {
    return decide(who, target, new HashSet<>());
  }

  private CompletableFuture<Optional<Decision>> decide(
      Wire.Who who, Target target, Set<ServerId> refused) {
    boolean asksMaster = policies.of(target.service()).spec().policy().equals("master");
    CompletableFuture<Optional<Decision>> decision =
        asksMaster && refused.isEmpty()
            ? askMaster(who, target)
            : CompletableFuture.completedFuture(decideHere(who, target, refused));
    return decision.thenComposeAsync(made -> reserved(who, target, made, refused), thread);
  }

  /** Makes sure that there is a place; selects again where there is none. */
  private CompletableFuture<Optional<Decision>> reserved(
      Wire.Who who, Target target, Optional<Decision> decision, Set<ServerId> refused) {
    if (decision.isEmpty()
        || decision.get().isReserved()
        || decision.get().server().equals(surroundings.self())) {
      decision.ifPresent(made -> log.add(made.assignment()));
      return CompletableFuture.completedFuture(decision);
    }
    Decision made = decision.get();
    return selection
        .reserve(who, made, 0)
        .thenComposeAsync(
            place -> {
              if (place.ok()) {
                log.add(made.assignment());
                return CompletableFuture.completedFuture(decision);
              }
              who.tracing()
                  .on(LOG.atInfo())
                  .log("{} does not take {}: {}", made.server(), who.session(), place.detail());
              refused.add(made.server());
              return refused.size() >= Selection.MAX_REFUSALS
                  ? CompletableFuture.completedFuture(Optional.<Decision>empty())
                  : decide(who, target, refused);
            },
            thread);
  }

  private Optional<Decision> decideHere(Wire.Who who, Target target, Set<ServerId> refused) {
    intakes.review(target.service());
    return selection.select(
        allocator.request(who, target.alias(), target.service(), surroundings.self(), refused),
        who,
        surroundings.self().value());
  }

  /** Asks the master, and decides by itself when it doesn't answer in time. */
  private CompletableFuture<Optional<Decision>> askMaster(Wire.Who who, Target target) {
    Optional<Mastership.Master> known = mastership.current();
    if (known.isEmpty()) {
      return CompletableFuture.completedFuture(decideHere(who, target, Set.of()));
    }
    ServerId master = known.get().server();
    String sample =
        surroundings
            .ownSample()
            .map(own -> SampleJson.encode(own, Surroundings.MAX_SAMPLE_BYTES))
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .orElse("");
    Wire.Select question =
        new Wire.Select(
            who, target.alias(), target.service(), surroundings.self().value(), Set.of(), sample);
    return mesh.ask(master, Wire.SELECT, question, Wire.Selected.class, limits.masterAnswer())
        .handleAsync(
            (selected, failure) -> {
              Assignment decision = selected == null ? null : selected.decision();
              if (selected == null || decision == null) {
                LOG.info(
                    "the master, {}, does not decide ({}); deciding here",
                    master,
                    failure == null ? "no server may take the client" : failure.toString());
                return decideHere(who, target, Set.of());
              }
              if (!mastership.accept(selected.epoch())) {
                LOG.info(
                    "{} decided as master of epoch {}, which is over; deciding here",
                    master,
                    selected.epoch());
                return decideHere(who, target, Set.of());
              }
              return Optional.of(
                  new Decision(new ServerId(selected.server()), decision, selected.isReserved()));
            },
            thread);
  }
}
