package io.sandrift.deploy.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A few requests under way at once, ended in the order in which they were begun. Used by one
 * thread.
 */
final class TransferWindow {

  /** What is done with a buffer when its request has ended. */
  interface Ended {
    void accept(ByteBuffer buffer) throws IOException;
  }

  private record UnderWay(CompletableFuture<Void> request, ByteBuffer buffer) {}

  private final int depth;
  private final Ended ended;
  private final ArrayDeque<UnderWay> window = new ArrayDeque<>();

  TransferWindow(int depth, Ended ended) {
    this.depth = depth;
    this.ended = ended;
  }

  /** Adds a request; waits for the oldest one when there are enough. */
  void add(CompletableFuture<Void> request, ByteBuffer buffer) throws IOException {
    window.add(new UnderWay(request, buffer));
    if (window.size() >= depth) {
      endOldest();
    }
  }

  /** Waits for all. */
  void drain() throws IOException {
    while (!window.isEmpty()) {
      endOldest();
    }
  }

  private void endOldest() throws IOException {
    UnderWay oldest = window.remove();
    try {
      oldest.request.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(cause.getMessage(), cause);
    }
    ended.accept(oldest.buffer);
  }
}
