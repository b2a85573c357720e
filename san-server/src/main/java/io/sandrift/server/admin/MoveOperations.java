package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.trace.Trace;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The moves of sessions that somebody asked for and didn't wait for. Each server remembers those
 * that it was asked for, the last {@link #MOST}, until it stops; whichever is asked gathers them.
 * Safe for all threads.
 */
public final class MoveOperations implements OperationSource {

  private static final String KIND = "move";
  private static final String TOPIC = "admin.moves";
  private static final int MOST = 500;

  private final Distribution distribution;
  private final ServerStatus status;
  private final PeerQuestions peers;
  private final InstantSource clock;

  /** By id, the oldest first. Guarded by itself. */
  private final Map<String, Operation> moves =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Operation> eldest) {
          return size() > MOST;
        }
      };

  /** Answers the others from now on. */
  public MoveOperations(
      Distribution distribution, ServerStatus status, PeerQuestions peers, InstantSource clock) {
    this.distribution = Objects.requireNonNull(distribution);
    this.status = Objects.requireNonNull(status);
    this.peers = Objects.requireNonNull(peers);
    this.clock = Objects.requireNonNull(clock);
    peers.serve(TOPIC, (from, question) -> own());
  }

  /**
   * Begins a move.
   *
   * @return the operation's id
   */
  String begin(String session, ServerId to, String reason, String by, Trace trace) {
    Operation begun =
        new Operation(
            KIND + "-" + trace,
            session,
            Operation.State.RUNNING,
            0,
            "it is to move to " + to + ": " + reason,
            by,
            clock.instant(),
            null,
            Map.of("session", "/v1/sessions/" + session));
    put(begun);
    distribution
        .transfer(session, to, reason, trace)
        .whenComplete((nothing, failure) -> put(ended(begun, to, failure)));
    return begun.id();
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public Known list() {
    Gathered gathered = Gathered.ask(status, peers, TOPIC, JsonNodeFactory.instance.objectNode());
    return new Known(gathered.elements(), gathered.missing());
  }

  private Operation ended(Operation begun, ServerId to, @Nullable Throwable failure) {
    Throwable cause = failure != null && failure.getCause() != null ? failure.getCause() : failure;
    return new Operation(
        begun.id(),
        begun.target(),
        cause == null ? Operation.State.DONE : Operation.State.FAILED,
        cause == null ? 1 : 0,
        cause == null ? "it is at " + to : String.valueOf(cause.getMessage()),
        begun.by(),
        begun.started(),
        clock.instant(),
        begun.links());
  }

  private void put(Operation operation) {
    synchronized (moves) {
      moves.put(operation.id(), operation);
    }
  }

  private ArrayNode own() {
    ArrayNode views = JsonNodeFactory.instance.arrayNode();
    synchronized (moves) {
      moves.values().forEach(move -> views.add(move.view()));
    }
    return views;
  }
}
