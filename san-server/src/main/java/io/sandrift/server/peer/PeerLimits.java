package io.sandrift.server.peer;

import java.time.Duration;

/**
 * What connections between servers are held to.
 *
 * @param connectTimeout for a connection and its handshake
 * @param silence how long a peer that owes an answer may say nothing, PINGs included, before its
 *     connection is given up
 * @param requests under way on one connection; more wait and try again
 * @param bytes of data under way on one connection, likewise
 * @param congestionControl the algorithm by which TCP paces what is sent
 */
public record PeerLimits(
    Duration connectTimeout,
    Duration silence,
    int requests,
    long bytes,
    CongestionControl congestionControl) {

  /** Usual ones. */
  public static final PeerLimits DEFAULT =
      new PeerLimits(
          Duration.ofSeconds(2),
          Duration.ofSeconds(3),
          4096,
          64L << 20,
          CongestionControl.OF_SYSTEM);
}
