package io.sandrift.server.distribution;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One decision on who is served where, with what it was taken on.
 *
 * @param atMillis when, in milliseconds since 1970, by the clock of {@code by}
 * @param kind what was decided
 * @param session the session that it was about; empty for an intake or a master
 * @param client the initiator; likewise
 * @param volume what it has mounted; likewise
 * @param service the volume's or the intake's type of service; empty for a master
 * @param from where it was served, or what it had reached; empty when nowhere
 * @param to where it is served then; empty when nowhere
 * @param policy who had the idea: a policy, or who asked for the move
 * @param by the server that decided
 * @param reason a sentence for people
 * @param numbers what the decision was taken on
 * @param trace what the servers' log lines about it have in common; empty when nothing does
 */
public record Assignment(
    long atMillis,
    Kind kind,
    String session,
    String client,
    String volume,
    String service,
    String from,
    String to,
    String policy,
    String by,
    String reason,
    Map<String, Double> numbers,
    @Nullable String trace) {

  /** What was decided. */
  public enum Kind {
    /** Where a login belongs. */
    ALLOCATION,
    /** An established session was moved. */
    MOVE,
    /** It was to be moved, but wasn't; the reason says why. */
    MOVE_FAILED,
    /** Another server is the intake of a service. */
    INTAKE,
    /** Another server is the master. */
    MASTER
  }

  public Assignment {
    numbers = Collections.unmodifiableMap(new TreeMap<>(numbers));
  }
}
