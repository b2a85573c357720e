package io.sandrift.server.peer;

import io.netty.channel.EventLoop;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.IoStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Calls, over connections of their own: on an event loop that carries no block requests, so that
 * neither holds the other up.
 */
public final class CallLinks implements PeerCalls {

  private final PeerServer server;
  private final PeerLinks links;
  private final EventLoop loop;

  /**
   * @param server where this server's handlers are kept
   * @param loop carries the calls; the caller's to end
   */
  public CallLinks(PeerServer server, PeerLinks links, EventLoop loop) {
    this.server = server;
    this.links = links;
    this.loop = loop;
  }

  @Override
  public void serve(String topic, Handler handler) {
    server.serve(topic, handler);
  }

  @Override
  public CompletableFuture<byte[]> call(
      ServerId to, String topic, byte[] request, Duration deadline) {
    if (request.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a call of " + request.length + " bytes; " + MAX_BYTES + " are the limit");
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    try {
      loop.execute(() -> begin(to, topic, request, answer));
      loop.schedule(
          () ->
              answer.completeExceptionally(
                  new PeerException(
                      PeerException.Reason.NO_ANSWER,
                      "no answer of server "
                          + to
                          + " to "
                          + topic
                          + " within "
                          + deadline.toMillis()
                          + " ms")),
          deadline.toMillis(),
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      answer.completeExceptionally(
          new PeerException(PeerException.Reason.UNREACHABLE, "this server is stopping"));
    }
    return answer;
  }

  private void begin(ServerId to, String topic, byte[] request, CompletableFuture<byte[]> answer) {
    if (answer.isDone()) {
      return;
    }
    if (to.equals(links.self())) {
      Handler handler = server.handler(topic);
      if (handler == null) {
        answer.completeExceptionally(unknown(to, topic));
      } else {
        handle(handler, to, request)
            .whenComplete(
                (response, failure) -> {
                  if (failure == null) {
                    answer.complete(response);
                  } else {
                    answer.completeExceptionally(refused(sentence(failure)));
                  }
                });
      }
      return;
    }
    PeerConnection connection = links.find(loop, to);
    if (connection == null) {
      answer.completeExceptionally(unreachable(to, "it isn't registered, or was lost just now"));
      return;
    }
    connection.whenOpen(
        stands -> {
          if (!stands) {
            answer.completeExceptionally(unreachable(to, connection.reason()));
          } else if (!answer.isDone()) {
            connection.call(
                topic, request, (status, bytes) -> ended(to, topic, status, bytes, answer));
          }
        });
  }

  private static void ended(
      ServerId to, String topic, IoStatus status, byte[] bytes, CompletableFuture<byte[]> answer) {
    switch (status) {
      case OK -> answer.complete(bytes);
      case UNAVAILABLE -> answer.completeExceptionally(unknown(to, topic));
      case CUT_OFF ->
          answer.completeExceptionally(
              new PeerException(
                  PeerException.Reason.NO_ANSWER,
                  "the connection to server " + to + " was lost with " + topic + " under way"));
      default -> answer.completeExceptionally(refused(new String(bytes, StandardCharsets.UTF_8)));
    }
  }

  /** Runs a handler; what it throws is a refusal, too. */
  static CompletableFuture<byte[]> handle(Handler handler, ServerId from, byte[] request) {
    try {
      return handler.handle(from, request);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** What a failed handler tells the caller. */
  static String sentence(Throwable failure) {
    Throwable cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    String message = cause instanceof PeerException ? cause.getMessage() : cause.toString();
    return message == null ? cause.toString() : message;
  }

  private static PeerException unreachable(ServerId server, String why) {
    return new PeerException(
        PeerException.Reason.UNREACHABLE, "server " + server + " can't be reached: " + why);
  }

  private static PeerException unknown(ServerId server, String topic) {
    return new PeerException(
        PeerException.Reason.UNKNOWN_TOPIC,
        "server " + server + " has no answer to " + topic + "; it may still be starting");
  }

  private static PeerException refused(String message) {
    return new PeerException(PeerException.Reason.REFUSED, message);
  }
}
