package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One after the other, by id, whatever their load. */
final class RoundRobinPolicy implements AllocationPolicy {

  static final PolicyKind KIND =
      new PolicyKind(
          "round-robin",
          "Each server in turn, by id, whatever its load.",
          List.of(),
          (values, random) -> new RoundRobinPolicy());

  private final Census census = new Census();
  private @Nullable ServerId last;

  @Override
  public String name() {
    return KIND.name();
  }

  @Override
  public Optional<Allocation> allocate(AllocationRequest request, SystemLoad load, Instant now) {
    census.take(load, request.service());
    List<ServerLoad> candidates = census.candidates(request.refused());
    if (candidates.isEmpty()) {
      return Optional.empty();
    }
    ServerId previous = last;
    ServerId next = candidates.get(0).server();
    if (previous != null) {
      for (ServerLoad candidate : candidates) {
        if (candidate.server().compareTo(previous) > 0) {
          next = candidate.server();
          break;
        }
      }
    }
    last = next;
    String reason =
        previous == null ? next + " is the first in turn" : next + " comes after " + previous;
    return Optional.of(new Allocation(next, reason, Map.of("servers", (double) candidates.size())));
  }
}
