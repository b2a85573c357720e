package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.policy.Allocation;
import io.sandrift.server.distribution.policy.AllocationPolicy;
import io.sandrift.server.distribution.policy.AllocationRequest;
import io.sandrift.server.distribution.policy.BalancingPolicy;
import io.sandrift.server.distribution.policy.IntakePolicy;
import io.sandrift.server.distribution.policy.SessionMove;
import java.time.Clock;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * This server's policy objects, one for each type of service, made anew when the service's policy
 * is set. Confined to distribution's thread.
 */
final class Allocator {

  private final Surroundings surroundings;
  private final PolicyBoard board;
  private final Clock clock;
  private final SplittableRandom random = new SplittableRandom();
  private final Map<String, Held> held = new HashMap<>();

  private record Held(ServicePolicy made, AllocationPolicy policy) {}

  Allocator(Surroundings surroundings, PolicyBoard board, Clock clock) {
    this.surroundings = surroundings;
    this.board = board;
    this.clock = clock;
  }

  AllocationPolicy policy(String service) {
    ServicePolicy wanted = board.of(service);
    Held now = held.get(service);
    if (now == null || !now.made().equals(wanted)) {
      now = new Held(wanted, wanted.spec().create(random.split()));
      held.put(service, now);
    }
    return now.policy();
  }

  @Nullable IntakePolicy intake(String service) {
    return policy(service) instanceof IntakePolicy intake ? intake : null;
  }

  /** The types of service that this server has decided about so far. */
  Set<String> services() {
    return Set.copyOf(held.keySet());
  }

  Optional<Allocation> allocate(AllocationRequest request) {
    return policy(request.service()).allocate(request, surroundings.load(), clock.instant());
  }

  List<SessionMove> balance(String service) {
    return policy(service) instanceof BalancingPolicy balancing
        ? balancing.balance(service, surroundings.load(), clock.instant())
        : List.of();
  }

  void moved(String service, SessionMove move, boolean succeeded) {
    if (policy(service) instanceof BalancingPolicy balancing) {
      balancing.moved(move, succeeded, clock.instant());
    }
  }

  /**
   * What is known of a client that asks.
   *
   * @param refused servers that won't take it
   */
  AllocationRequest request(
      Wire.Who who, String volume, String service, ServerId reached, Set<ServerId> refused) {
    SystemLoad load = surroundings.load();
    Set<ServerId> siblings = new HashSet<>();
    double expected = 0;
    for (ServerLoad server : load.servers().values()) {
      Sample sample = server.sample();
      if (sample == null) {
        continue;
      }
      for (SessionLoad session : sample.clients()) {
        if (session.session().equals(who.session())) {
          // What it did to the server where it was, relative to what that one can do.
          expected = Math.max(expected, session.queue() / Math.max(1, sample.knee()));
        } else if (session.client().equals(who.initiator())) {
          siblings.add(server.server());
        }
      }
    }
    return new AllocationRequest(
        who.session(),
        who.initiator(),
        volume,
        service,
        reached,
        siblings,
        surroundings.locality(who.target()),
        expected,
        refused.size(),
        refused,
        null);
  }
}
