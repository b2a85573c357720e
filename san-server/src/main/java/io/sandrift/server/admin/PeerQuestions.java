package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Questions between the admin APIs of servers, in JSON, over {@link PeerCalls}: what only another
 * server knows is asked of it, so that any server answers for the cluster. Safe for all threads
 * that may wait; never to be used on an event loop.
 */
public final class PeerQuestions implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(PeerQuestions.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int THREADS = 4;
  private static final int MOST_WAITING = 256;

  /** Answers one topic; on a thread of its own, so it may wait a bounded time. */
  @FunctionalInterface
  public interface Answer {
    /**
     * @param from the server that asks
     * @throws Problem that the caller is answered with, as if it were its own
     */
    JsonNode answer(ServerId from, JsonNode question) throws Exception;
  }

  /**
   * What one server answered.
   *
   * @param view its answer, or null if there is none
   * @param missing why there is none, in words; empty if there is one
   */
  public record Reply(@Nullable JsonNode view, String missing) {}

  private final PeerCalls peers;
  private final ThreadPoolExecutor threads;

  public PeerQuestions(PeerCalls peers) {
    this.peers = Objects.requireNonNull(peers);
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MOST_WAITING),
            task -> {
              Thread thread = new Thread(task, "admin-peer");
              thread.setDaemon(true);
              return thread;
            });
    threads.allowCoreThreadTimeOut(true);
  }

  /** Answers a topic from now on; topics are named {@code admin.<what>}. */
  public void serve(String topic, Answer answer) {
    peers.serve(
        topic,
        (from, request) -> {
          CompletableFuture<byte[]> reply = new CompletableFuture<>();
          try {
            threads.execute(() -> complete(reply, topic, from, request, answer));
          } catch (RejectedExecutionException e) {
            reply.completeExceptionally(
                new PeerException(
                    PeerException.Reason.REFUSED, "too many questions wait; repeat in a moment"));
          }
          return reply;
        });
  }

  /**
   * Asks one server, and waits.
   *
   * @throws Problem the server's own, or 504 if it gave no answer
   */
  public JsonNode ask(ServerId server, String topic, JsonNode question, Duration deadline) {
    return unwrap(server, peers.call(server, topic, bytes(question), deadline), deadline);
  }

  /** Asks all these servers at once, and waits for all of them until the deadline. */
  public Map<ServerId, Reply> askAll(
      Collection<ServerId> servers, String topic, JsonNode question, Duration deadline) {
    Map<ServerId, CompletableFuture<byte[]>> asked = new LinkedHashMap<>();
    byte[] request = bytes(question);
    for (ServerId server : servers) {
      asked.put(server, peers.call(server, topic, request, deadline));
    }
    Map<ServerId, Reply> replies = new LinkedHashMap<>();
    long end = System.nanoTime() + deadline.toNanos();
    asked.forEach(
        (server, future) -> {
          Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
          try {
            replies.put(server, new Reply(unwrap(server, future, left), ""));
          } catch (Problem problem) {
            replies.put(server, new Reply(null, String.valueOf(problem.getMessage())));
          }
        });
    return replies;
  }

  /** Ends what is being answered. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  private static void complete(
      CompletableFuture<byte[]> reply, String topic, ServerId from, byte[] request, Answer answer) {
    try {
      reply.complete(bytes(envelope(answer.answer(from, JSON.readTree(request)))));
    } catch (Problem problem) {
      reply.complete(bytes(problem.view()));
    } catch (Exception e) {
      log.error("{} asked by {} failed", topic, from, e);
      reply.completeExceptionally(
          new PeerException(PeerException.Reason.REFUSED, "it failed there; its log says why"));
    }
  }

  /** An answer stands in {@code answer}; a problem stands for itself. */
  private static JsonNode envelope(JsonNode answer) {
    return JSON.createObjectNode().set("answer", answer);
  }

  private static JsonNode unwrap(
      ServerId server, CompletableFuture<byte[]> future, Duration deadline) {
    JsonNode reply;
    try {
      reply = JSON.readTree(future.get(deadline.toMillis() + 50, TimeUnit.MILLISECONDS));
    } catch (ExecutionException | CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw silent(server, String.valueOf(cause.getMessage()));
    } catch (TimeoutException e) {
      throw silent(server, "no answer in time");
    } catch (IOException e) {
      throw silent(server, "its answer can't be read");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw silent(server, "this server is stopping");
    }
    if (reply.has("answer")) {
      return reply.path("answer");
    }
    throw new Problem(
        reply.path("status").asInt(502),
        reply.path("type").asText().replace(Problem.TYPES, ""),
        reply.path("detail").asText());
  }

  private static Problem silent(ServerId server, String why) {
    return new Problem(
        504,
        "server-silent",
        "server " + server + " doesn't answer (" + why + "); repeat it later");
  }

  private static byte[] bytes(JsonNode node) {
    return node.toString().getBytes(StandardCharsets.UTF_8);
  }
}
