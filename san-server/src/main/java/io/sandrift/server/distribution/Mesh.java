package io.sandrift.server.distribution;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Calls between servers as values: JSON outside, and distribution's own thread inside. Whatever is
 * answered or asked arrives on that thread. Safe for all threads.
 */
final class Mesh {

  private static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /** Answers a question, on distribution's thread. */
  interface Answer<Q> {
    CompletableFuture<?> answer(ServerId from, Q question);
  }

  private final PeerCalls peers;
  private final Executor thread;

  Mesh(PeerCalls peers, Executor thread) {
    this.peers = peers;
    this.thread = thread;
  }

  /** Asks one server; fails with {@link PeerException}. */
  <A> CompletableFuture<A> ask(
      ServerId server, String topic, Object question, Class<A> answer, Duration deadline) {
    return peers
        .call(server, topic, bytes(question), deadline)
        .thenApplyAsync(reply -> read(reply, answer), thread);
  }

  /** Asks all of them; completes with the answers of those that gave one. Never fails. */
  <A> CompletableFuture<Map<ServerId, A>> askAll(
      Collection<ServerId> servers,
      String topic,
      Object question,
      Class<A> answer,
      Duration deadline) {
    Map<ServerId, A> answers = new LinkedHashMap<>();
    CompletableFuture<?>[] asked =
        servers.stream()
            .map(
                server ->
                    ask(server, topic, question, answer, deadline)
                        .thenAcceptAsync(reply -> answers.put(server, reply), thread)
                        .exceptionally(failure -> null))
            .toArray(CompletableFuture[]::new);
    return CompletableFuture.allOf(asked).thenApplyAsync(nothing -> answers, thread);
  }

  <Q> void serve(String topic, Class<Q> question, Answer<Q> handler) {
    peers.serve(
        topic,
        (from, request) -> {
          CompletableFuture<byte[]> reply = new CompletableFuture<>();
          try {
            thread.execute(() -> answer(from, request, question, handler, reply));
          } catch (RejectedExecutionException e) {
            reply.completeExceptionally(
                new PeerException(PeerException.Reason.REFUSED, "the server stops"));
          }
          return reply;
        });
  }

  private static <Q> void answer(
      ServerId from,
      byte[] request,
      Class<Q> question,
      Answer<Q> handler,
      CompletableFuture<byte[]> reply) {
    try {
      handler
          .answer(from, read(request, question))
          .whenComplete(
              (answer, failure) -> {
                if (failure != null) {
                  reply.completeExceptionally(failure);
                } else {
                  reply.complete(bytes(answer));
                }
              });
    } catch (RuntimeException e) {
      reply.completeExceptionally(
          e instanceof PeerException
              ? e
              : new PeerException(PeerException.Reason.REFUSED, String.valueOf(e)));
    }
  }

  static byte[] bytes(Object value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @throws PeerException if the bytes are no such value
   */
  static <T> T read(byte[] bytes, Class<T> type) {
    try {
      return JSON.readValue(bytes, type);
    } catch (IOException e) {
      throw new PeerException(
          PeerException.Reason.REFUSED, "no " + type.getSimpleName() + ": " + e.getMessage());
    }
  }
}
