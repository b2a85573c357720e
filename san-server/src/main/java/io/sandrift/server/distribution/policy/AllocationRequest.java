package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client wants to be served.
 *
 * @param session the session's identity, the same wherever it is served; see {@code SessionLoad}
 * @param client who asks, such as an initiator's name
 * @param volume what it wants
 * @param service the volume's type of service
 * @param reached the server that it has reached
 * @param siblings where other sessions of the same client are served: two sessions of one host
 *     prefer two servers
 * @param locality for each server, the share of the volume's partitions that it owns, 0 to 1
 * @param expectedPressure what the session will add to an average server's pressure, as far as is
 *     known from earlier; 0 when nothing is known
 * @param attempt 0 for the first decision, one more each time that a selected server refused
 * @param refused the servers that were selected for this request and refused; they aren't selected
 *     again
 * @param reachedLoad what the reached server says of its own load, fresher than the gossip; null
 *     when it says nothing
 */
public record AllocationRequest(
    String session,
    String client,
    String volume,
    String service,
    ServerId reached,
    Set<ServerId> siblings,
    Map<ServerId, Double> locality,
    double expectedPressure,
    int attempt,
    Set<ServerId> refused,
    @Nullable ServerLoad reachedLoad) {

  public AllocationRequest {
    siblings = Set.copyOf(siblings);
    locality = Map.copyOf(locality);
    refused = Set.copyOf(refused);
    if (!(expectedPressure >= 0)) {
      throw new IllegalArgumentException(
          "expected pressure is " + expectedPressure + ", expected 0 or more");
    }
    if (reachedLoad != null && !reachedLoad.server().equals(reached)) {
      throw new IllegalArgumentException(
          "the load is that of " + reachedLoad.server() + ", reached was " + reached);
    }
  }

  /** A first request, by a server that says nothing of its own load. */
  public AllocationRequest(
      String session,
      String client,
      String volume,
      String service,
      ServerId reached,
      Set<ServerId> siblings,
      Map<ServerId, Double> locality,
      double expectedPressure,
      int attempt) {
    this(
        session,
        client,
        volume,
        service,
        reached,
        siblings,
        locality,
        expectedPressure,
        attempt,
        Set.of(),
        null);
  }

  /** The same with the reached server's own load in it. */
  public AllocationRequest with(ServerLoad ownLoad) {
    return new AllocationRequest(
        session,
        client,
        volume,
        service,
        reached,
        siblings,
        locality,
        expectedPressure,
        attempt,
        refused,
        ownLoad);
  }

  /** The next attempt, after {@code server} has refused. */
  public AllocationRequest refusedBy(ServerId server) {
    Set<ServerId> all = new HashSet<>(refused);
    all.add(server);
    return new AllocationRequest(
        session,
        client,
        volume,
        service,
        reached,
        siblings,
        locality,
        expectedPressure,
        attempt + 1,
        all,
        reachedLoad);
  }
}
