package io.sandrift.server.peer;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * Requests to other servers, each with one answer: for agreeing and for background work, not for
 * the data path. Safe for all threads.
 *
 * <p>A call to this very server runs its handler here. The future fails with {@link PeerException}
 * when the peer can't be reached, has no such handler, refuses, or gives no answer in time; whether
 * it has acted is then unknown, unless the exception says so.
 */
public interface PeerCalls {

  /** The longest request or answer, in bytes. */
  int MAX_BYTES = 4 << 20;

  /**
   * Asks {@code server}.
   *
   * @param topic names the handler, such as {@code master.select}
   * @param request up to {@link #MAX_BYTES}; not changed by anyone from now on
   * @param deadline for the answer
   * @return the answer; completed on an event loop, so what follows must not block
   */
  CompletableFuture<byte[]> call(ServerId server, String topic, byte[] request, Duration deadline);

  /**
   * Answers a topic from now on.
   *
   * @throws IllegalStateException if the topic has a handler already
   */
  void serve(String topic, Handler handler);

  /** Answers the requests of one topic. */
  @FunctionalInterface
  interface Handler {
    /**
     * Called on an event loop: must not block.
     *
     * @param from the server that asks; its identity was proven
     * @return the answer; failed with {@link PeerException} for a refusal, whose message reaches
     *     the caller
     */
    CompletableFuture<byte[]> handle(ServerId from, byte[] request);
  }
}
