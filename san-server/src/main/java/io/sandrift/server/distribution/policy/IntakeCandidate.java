package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.util.List;

/**
 * A resource that may become the intake, as its data messages tell.
 *
 * @param server who; unique
 * @param node the machine that it runs on; two resources of one node hand over between each other
 *     first
 * @param rating how well it suits, 0 to 1, larger is better
 * @param load its load value: predicted pressure, 1 is saturated
 * @param admits whether it takes new clients of the service
 */
public record IntakeCandidate(
    ServerId server, String node, double rating, double load, boolean admits) {

  public IntakeCandidate {
    if (!(rating >= 0 && rating <= 1)) {
      throw new IllegalArgumentException(server + "'s rating is " + rating + ", expected 0 to 1");
    }
  }

  /** What a server's load says of it when nobody rates it: the room that it has left. */
  public static IntakeCandidate of(ServerLoad load, String service, String node) {
    double predicted = load.predicted();
    return new IntakeCandidate(
        load.server(),
        node,
        Math.min(1, Math.max(0, 1 - predicted)),
        predicted,
        load.admits(service));
  }

  /** All that serve {@code service}, each as a node of its own, by id. */
  static List<IntakeCandidate> all(SystemLoad load, String service) {
    return load.servers().values().stream()
        .filter(server -> server.serves(service))
        .map(server -> of(server, service, server.server().value()))
        .toList();
  }
}
