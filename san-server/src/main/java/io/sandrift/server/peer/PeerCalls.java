package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
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
   * As {@link #call}, with a request that would be a waste as an array: takes over the reference to
   * the buffer.
   */
  default CompletableFuture<byte[]> callWith(
      ServerId server, String topic, ByteBuf request, Duration deadline) {
    try {
      return call(server, topic, ByteBufUtil.getBytes(request), deadline);
    } finally {
      request.release();
    }
  }

  /**
   * Answers a topic from now on.
   *
   * @throws IllegalStateException if the topic has a handler already
   */
  void serve(String topic, Handler handler);

  /** As {@link #serve}, with requests that stay in the buffer in which they came. */
  default void serveBuffers(String topic, BufferHandler handler) {
    serve(topic, (from, request) -> handler.handle(from, Unpooled.wrappedBuffer(request)));
  }

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

  /** Answers the requests of one topic. */
  @FunctionalInterface
  interface BufferHandler {
    /**
     * As {@link Handler#handle}.
     *
     * @param request the handler's, to release
     */
    CompletableFuture<byte[]> handle(ServerId from, ByteBuf request);
  }
}
