package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
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
    serveBuffers(
        topic,
        (from, request) -> {
          byte[] bytes = ByteBufUtil.getBytes(request);
          request.release();
          return handler.handle(from, bytes);
        });
  }

  @Override
  public void serveBuffers(String topic, BufferHandler handler) {
    server.serve(topic, handler);
  }

  @Override
  public CompletableFuture<byte[]> call(
      ServerId to, String topic, byte[] request, Duration deadline) {
    return callWith(to, topic, Unpooled.wrappedBuffer(request), deadline);
  }

  @Override
  public CompletableFuture<byte[]> callWith(
      ServerId to, String topic, ByteBuf request, Duration deadline) {
    int length = request.readableBytes();
    if (length > MAX_BYTES) {
      request.release();
      throw new IllegalArgumentException(
          "a call of " + length + " bytes; " + MAX_BYTES + " are the limit");
    }
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    try {
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
      loop.execute(() -> begin(to, topic, request, answer));
    } catch (RejectedExecutionException e) {
      request.release();
      answer.completeExceptionally(
          new PeerException(PeerException.Reason.UNREACHABLE, "this server is stopping"));
    }
    return answer;
  }

  private void begin(ServerId to, String topic, ByteBuf request, CompletableFuture<byte[]> answer) {
    if (answer.isDone()) {
      request.release();
      return;
    }
    if (to.equals(links.self())) {
      BufferHandler handler = server.handler(topic);
      if (handler == null) {
        request.release();
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
      request.release();
      answer.completeExceptionally(unreachable(to, "it isn't registered, or was lost just now"));
      return;
    }
    connection.whenOpen(
        stands -> {
          if (stands && !answer.isDone()) {
            connection.call(
                topic, request, (status, bytes) -> ended(to, topic, status, bytes, answer));
            return;
          }
          request.release();
          if (!stands) {
            answer.completeExceptionally(unreachable(to, connection.reason()));
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

  /** Runs a handler, which gets the reference to the request; what it throws is a refusal, too. */
  static CompletableFuture<byte[]> handle(BufferHandler handler, ServerId from, ByteBuf request) {
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
