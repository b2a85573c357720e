package io.sandrift.server.admin;

import io.javalin.http.Context;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One viewer's stream of server-sent events. It holds no thread: writing never waits, and a viewer
 * that is slower than the events misses those that a newer one has overtaken. Safe for all threads.
 *
 * <pre>
 *   send ──▶ the next event, one at most ──ready──▶ the connection
 *                    ▲ replaced by a newer one, while the connection isn't
 * </pre>
 */
public final class EventStream {

  private final ServletOutputStream out;
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  /** What goes out next. Guarded by this, as the two below. */
  private byte @Nullable [] next;

  private boolean isUnflushed;

  /** Whether the connection takes nothing now; it tells when it does again. */
  private boolean isBlocked = true;

  private EventStream(ServletOutputStream out) {
    this.out = out;
  }

  /**
   * Answers a request with a stream.
   *
   * @param onOpen called with it, on the thread of the request
   */
  static void open(Context context, Consumer<EventStream> onOpen) throws IOException {
    HttpServletResponse response = context.res();
    response.setStatus(200);
    response.setContentType("text/event-stream");
    response.setCharacterEncoding(StandardCharsets.UTF_8.name());
    // Proxies that collect answers would keep the events back.
    response.setHeader("X-Accel-Buffering", "no");
    response.setHeader("Connection", "close");
    ServletOutputStream out = response.getOutputStream();
    context.future(
        () -> {
          AsyncContext async = context.req().getAsyncContext();
          async.setTimeout(0);
          EventStream stream = new EventStream(out);
          onOpen.accept(stream);
          out.setWriteListener(stream.new Writer());
          return stream.end;
        });
  }

  /** Sends an event, unless a newer one overtakes it. */
  public synchronized void send(String name, String data) {
    next = ("event: " + name + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    if (!isBlocked) {
      write();
    }
  }

  /** Calls {@code listener} once the stream has ended, whoever ended it; at once, if it has. */
  public void onEnd(Runnable listener) {
    end.thenRun(listener);
  }

  /** Ends it. May be called twice. */
  public void close() {
    end.complete(null);
  }

  private synchronized void write() {
    try {
      while (!end.isDone() && out.isReady()) {
        byte[] bytes = next;
        if (bytes != null) {
          next = null;
          isUnflushed = true;
          out.write(bytes);
        } else if (isUnflushed) {
          isUnflushed = false;
          out.flush();
        } else {
          isBlocked = false;
          return;
        }
      }
      isBlocked = true;
    } catch (IOException e) {
      // The viewer has gone.
      close();
    }
  }

  private final class Writer implements WriteListener {

    @Override
    public void onWritePossible() {
      write();
    }

    @Override
    public void onError(Throwable failure) {
      close();
    }
  }
}
