package io.sandrift.load.sample;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import java.util.Map;

/**
 * The load that one client session puts on the server that serves it.
 *
 * @param session its identity, the same wherever the session is served: twelve hexadecimal digits
 * @param client who it belongs to, such as an initiator's name; sessions of one client are spread
 * @param service the type of service that it is of
 * @param since when it came to the server where it is
 * @param operationsPerSecond commands that ended
 * @param bytesPerSecond bytes read and written
 * @param queue the mean number of commands under way
 * @param locality for each server, the share of the session's operations whose data are there, 0 to
 *     1; what is left out is 0
 */
public record SessionLoad(
    String session,
    String client,
    String service,
    Instant since,
    double operationsPerSecond,
    double bytesPerSecond,
    double queue,
    Map<ServerId, Double> locality) {

  public SessionLoad {
    locality = Map.copyOf(locality);
  }
}
