package io.sandrift.deploy.simulation;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.policy.Allocation;
import io.sandrift.server.distribution.policy.AllocationPolicy;
import io.sandrift.server.distribution.policy.AllocationRequest;
import io.sandrift.server.distribution.policy.BalancingPolicy;
import io.sandrift.server.distribution.policy.IntakePolicy;
import io.sandrift.server.distribution.policy.IntakeState;
import io.sandrift.server.distribution.policy.PolicySpec;
import io.sandrift.server.distribution.policy.SessionMove;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Where decisions are taken: by the master for all, or by each server that is reached, on its own;
 * then nothing is moved either.
 */
final class Decider {

  /** Of many servers, only so many best ones are asked whether it is their turn as the intake. */
  private static final int ASKED = 16;

  private final PolicySpec spec;
  private final boolean hasMaster;
  private final String service;
  private final SplittableRandom random;
  private final AllocationPolicy master;
  private final Map<ServerId, AllocationPolicy> local = new HashMap<>();

  Decider(PolicySpec spec, boolean hasMaster, String service, SplittableRandom random) {
    this.spec = spec;
    this.hasMaster = hasMaster;
    this.service = service;
    this.random = random;
    this.master = spec.create(random.split());
    if (master instanceof IntakePolicy intake) {
      intake.assume(IntakeState.initial(service));
    }
  }

  boolean balances() {
    return hasMaster && master instanceof BalancingPolicy;
  }

  Optional<Allocation> allocate(AllocationRequest request, SystemLoad view, Instant now) {
    if (master instanceof IntakePolicy intake) {
      review(intake, view, now);
      return intake.allocate(request, view, now);
    }
    AllocationPolicy policy =
        hasMaster
            ? master
            : local.computeIfAbsent(request.reached(), id -> spec.create(random.split()));
    return policy.allocate(request, view, now);
  }

  List<SessionMove> balance(SystemLoad view, Instant now) {
    return balances() ? ((BalancingPolicy) master).balance(service, view, now) : List.of();
  }

  void moved(SessionMove move, boolean succeeded, Instant now) {
    if (master instanceof BalancingPolicy balancing) {
      balancing.moved(move, succeeded, now);
    }
  }

  /** Passes the designation on when its holder, or another whose turn has come, says so. */
  private static void review(IntakePolicy intake, SystemLoad view, Instant now) {
    ServerId holder = intake.state().intake();
    ServerLoad known = holder == null ? null : view.find(holder);
    if (holder != null && known != null && known.admits(intake.state().service())) {
      intake.review(holder, view, now).ifPresent(change -> intake.assume(change.after()));
      return;
    }
    List<ServerLoad> best = new ArrayList<>(view.admitting(intake.state().service()));
    best.sort(Comparator.comparingDouble(ServerLoad::predicted));
    for (ServerLoad candidate : best.subList(0, Math.min(ASKED, best.size()))) {
      var change = intake.review(candidate.server(), view, now);
      if (change.isPresent()) {
        intake.assume(change.get().after());
        return;
      }
    }
  }
}
