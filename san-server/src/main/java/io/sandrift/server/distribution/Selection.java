package io.sandrift.server.distribution;

import io.sandrift.load.view.Expected;
import io.sandrift.server.distribution.policy.Allocation;
import io.sandrift.server.distribution.policy.AllocationRequest;
import java.time.Clock;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Selects a server by this server's own policies, and asks it to keep a place. Confined to
 * distribution's thread.
 */
final class Selection {

  /** How often a selected server may refuse before the client is served where it is. */
  static final int MAX_REFUSALS = 2;

  private final Surroundings surroundings;
  private final Allocator allocator;
  private final Mesh mesh;
  private final Executor thread;
  private final DistributionLimits limits;
  private final Clock clock;

  Selection(
      Surroundings surroundings,
      Allocator allocator,
      Mesh mesh,
      Executor thread,
      DistributionLimits limits,
      Clock clock) {
    this.surroundings = surroundings;
    this.allocator = allocator;
    this.mesh = mesh;
    this.thread = thread;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * By the policy of the request's service.
   *
   * @param reached the server that the client has reached
   */
  Optional<Decision> select(AllocationRequest request, Wire.Who who, String reached) {
    return allocator
        .allocate(request)
        .map(
            (Allocation allocation) -> {
              Map<String, Double> numbers = new HashMap<>(allocation.numbers());
              numbers.put("expected", request.expectedPressure());
              return new Decision(
                  allocation.server(),
                  new Assignment(
                      clock.millis(),
                      Assignment.Kind.ALLOCATION,
                      who.session(),
                      who.initiator(),
                      request.volume(),
                      request.service(),
                      reached,
                      allocation.server().value(),
                      allocator.policy(request.service()).name(),
                      surroundings.self().value(),
                      allocation.reason(),
                      numbers,
                      who.trace()),
                  false);
            });
  }

  /**
   * Asks the selected server to expect the client; its load counts there from now on.
   *
   * @param masterEpoch of the master that selected it; 0 when no master did
   */
  CompletableFuture<Wire.Done> reserve(Wire.Who who, Decision decision, long masterEpoch) {
    double pressure = decision.assignment().numbers().getOrDefault("expected", 0.0);
    Wire.Reservation reservation =
        new Wire.Reservation(
            who, limits.arrival().toMillis(), pressure, masterEpoch, decision.assignment());
    surroundings.expect(
        new Expected(
            who.session(), decision.server(), pressure, clock.instant().plus(limits.arrival())));
    return mesh.ask(
            decision.server(), Wire.RESERVE, reservation, Wire.Done.class, limits.reservation())
        .exceptionally(failure -> new Wire.Done(false, String.valueOf(failure.getMessage())))
        .thenApplyAsync(
            done -> {
              if (!done.ok()) {
                surroundings.expectNoMore(who.session());
              }
              return done;
            },
            thread);
  }
}
