package io.sandrift.server.measure;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import java.util.Map;

/**
 * What one session of an initiator has done so far; the sampler makes rates of it.
 *
 * @param session its identity, the same wherever it is served
 * @param client the initiator's name
 * @param service its volume's type of service
 * @param since when it came here
 * @param operations commands that were answered
 * @param bytes read and written
 * @param busyNanos the answered commands' time together
 * @param underWay commands under way now
 * @param operationsByOwner how many of its block requests went to each owner of partitions; empty
 *     when that isn't counted
 */
public record MeasuredSession(
    String session,
    String client,
    String service,
    Instant since,
    long operations,
    long bytes,
    long busyNanos,
    int underWay,
    Map<ServerId, Long> operationsByOwner) {

  public MeasuredSession {
    operationsByOwner = Map.copyOf(operationsByOwner);
  }
}
