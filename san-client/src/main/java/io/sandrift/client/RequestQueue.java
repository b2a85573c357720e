package io.sandrift.client;

import io.netty.util.collection.IntObjectHashMap;
import io.netty.util.collection.IntObjectMap;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a device: those that wait in their order, and those that the target has. Outlives
 * the sessions; confined to their event loop.
 */
final class RequestQueue {

  /**
   * How often a request is tried again after an answer that asks for it, such as a unit attention.
   */
  private static final int MAX_RETRIES = 16;

  private static final long BUSY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final int depth;
  private final ArrayDeque<ScsiRequest> waiting = new ArrayDeque<>();
  private final IntObjectMap<ScsiRequest> underWay = new IntObjectHashMap<>();

  /**
   * @param depth how many requests the target has at most at a time
   */
  RequestQueue(int depth) {
    this.depth = depth;
  }

  void add(ScsiRequest request) {
    waiting.add(request);
  }

  /** Whether the target has no request that it didn't answer. */
  boolean isIdle() {
    return underWay.isEmpty();
  }

  /** Takes the request that is to be sent next; null when there is none, or no room for it. */
  @Nullable ScsiRequest poll() {
    ScsiRequest request = waiting.peek();
    if (request == null || underWay.size() >= depth || request.isTooEarly(System.nanoTime())) {
      return null;
    }
    return waiting.remove();
  }

  /** The request is sent as the task with this tag. */
  void sent(ScsiRequest request, int initiatorTaskTag) {
    request.initiatorTaskTag = initiatorTaskTag;
    request.received = 0;
    underWay.put(initiatorTaskTag, request);
  }

  /** The request that was sent as this task; null if it was ended meanwhile. */
  @Nullable ScsiRequest underWay(int initiatorTaskTag) {
    return underWay.get(initiatorTaskTag);
  }

  /** The target has answered: the request ends, or is tried again before all others. */
  void answered(ScsiRequest request, CommandAnswer answer) {
    underWay.remove(request.initiatorTaskTag);
    if (answer.isGood()) {
      request.outcome.complete(request.received);
    } else if (answer.asksForRetry() && request.retries < MAX_RETRIES) {
      request.retries++;
      request.notBeforeNanos = answer.isBusy() ? System.nanoTime() + BUSY_PAUSE_NANOS : 0;
      waiting.addFirst(request);
    } else {
      request.outcome.completeExceptionally(answer.failure());
    }
  }

  /** The session has ended: what was not answered goes first in the next one, in its old order. */
  void requeue() {
    List<ScsiRequest> unanswered = new ArrayList<>(underWay.values());
    underWay.clear();
    unanswered.sort(Comparator.comparingInt(request -> -request.initiatorTaskTag));
    unanswered.forEach(waiting::addFirst);
  }

  /**
   * Ends the requests whose time has come.
   *
   * @return whether the target has one of them, and may still carry it out
   */
  boolean expire(long nowNanos, String reason) {
    List<ScsiRequest> late = new ArrayList<>();
    for (ScsiRequest request : underWay.values()) {
      if (request.isTooLate(nowNanos)) {
        late.add(request);
      }
    }
    boolean isUnderWay = !late.isEmpty();
    late.forEach(request -> underWay.remove(request.initiatorTaskTag));
    waiting.removeIf(request -> request.isTooLate(nowNanos) && late.add(request));
    late.forEach(request -> request.outcome.completeExceptionally(new IOException(reason)));
    return isUnderWay;
  }

  /** Ends all requests. */
  void failAll(String reason) {
    requeue();
    waiting.forEach(request -> request.outcome.completeExceptionally(new IOException(reason)));
    waiting.clear();
  }
}
