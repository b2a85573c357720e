package io.sandrift.server.peer;

import io.netty.channel.EventLoop;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Event loops that are set apart for one kind of traffic each, by name. What a server asks on one
 * of them is answered on the one of the same name at the other server, so that it holds nothing
 * else up on either side. Immutable.
 */
public final class Lanes {

  /** For calls with which servers agree. The other side's is found by this name: it stays. */
  public static final String CALLS = "calls";

  /** For what moves copy; likewise. */
  public static final String BULK = "bulk";

  /** None is set apart: what comes in is served on whichever loop accepted it. */
  public static final Lanes NONE = new Lanes(Map.of());

  private final Map<String, EventLoop> loops;

  /**
   * @param loops by name; the caller's to end
   */
  public Lanes(Map<String, EventLoop> loops) {
    this.loops = Map.copyOf(loops);
  }

  /** The name under which the loop is set apart; empty if it isn't. */
  String nameOf(EventLoop loop) {
    return loops.entrySet().stream()
        .filter(lane -> lane.getValue() == loop)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("");
  }

  /** The loop of that name; null if none is set apart here. */
  @Nullable EventLoop find(String name) {
    return loops.get(name);
  }
}
