package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import java.util.Map;
import java.util.Set;

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
 * @param expectedPressure what the session will add to a server's pressure, as far as is known from
 *     earlier; 0 or more
 * @param attempt 0 for the first decision, one more each time that a selected server refused
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
    int attempt) {

  public AllocationRequest {
    siblings = Set.copyOf(siblings);
    locality = Map.copyOf(locality);
  }
}
