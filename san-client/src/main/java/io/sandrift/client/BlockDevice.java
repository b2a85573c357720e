package io.sandrift.client;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * A disk at the other end of an iSCSI session. Safe for all threads; many requests may be under way
 * at once, and no order holds between requests that overlap in time.
 *
 * <pre>{@code
 * try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
 *     BlockDevice disk = initiator.open(DeviceUrl.parse("iscsi://127.0.0.1:3260/iqn.2026-11.io.sandrift:demo/0"))) {
 *   disk.write(0, ByteBuffer.wrap(new byte[4096]));
 *   disk.flush();
 * }
 * }</pre>
 *
 * <p>Offsets and lengths are in bytes and multiples of {@link #blockBytes}. Buffers are the
 * device's until the request has ended; it uses the bytes from position to limit, and leaves both
 * as they were.
 */
public interface BlockDevice extends AutoCloseable {

  /** The device's length in bytes; more, once the target has said that it has grown. */
  long sizeBytes();

  /** A logical block's length in bytes. */
  int blockBytes();

  /** What the device says about itself, and the session about its terms. */
  DeviceInfo info();

  /** Fills the buffer from {@code offset}. */
  CompletableFuture<Void> readAsync(long offset, ByteBuffer destination);

  /** Writes the buffer to {@code offset}; durable only after a flush. */
  CompletableFuture<Void> writeAsync(long offset, ByteBuffer source);

  /** Writes the buffer to {@code offset} and makes that durable (FUA). */
  CompletableFuture<Void> writeDurablyAsync(long offset, ByteBuffer source);

  /**
   * Writes {@code replacement} to {@code offset} if {@code expected} is there, as one step (COMPARE
   * AND WRITE): of several that expect the same, one succeeds. Both are equally long; a device may
   * take no more than a few blocks at once.
   *
   * <p>When the session was lost meanwhile and the command was sent again, false can also mean that
   * it was done the first time.
   *
   * @return whether it was written
   */
  default CompletableFuture<Boolean> compareAndWriteAsync(
      long offset, ByteBuffer expected, ByteBuffer replacement) {
    return CompletableFuture.failedFuture(
        new UnsupportedOperationException("this engine has no COMPARE AND WRITE"));
  }

  /** Makes all completed writes durable. */
  CompletableFuture<Void> flushAsync();

  /**
   * Gives the range back to the device: it reads as zeros then, if the device is a thin one of
   * ours.
   */
  CompletableFuture<Void> unmapAsync(long offset, long length);

  /** As {@link #readAsync}, to its end. */
  default void read(long offset, ByteBuffer destination) throws IOException {
    await(readAsync(offset, destination));
  }

  /** As {@link #writeAsync}, to its end. */
  default void write(long offset, ByteBuffer source) throws IOException {
    await(writeAsync(offset, source));
  }

  /** As {@link #flushAsync}, to its end. */
  default void flush() throws IOException {
    await(flushAsync());
  }

  /** As {@link #unmapAsync}, to its end. */
  default void unmap(long offset, long length) throws IOException {
    await(unmapAsync(offset, length));
  }

  /** Ends the session in order. Requests that are under way fail. May be called twice. */
  @Override
  void close();

  /** Waits for a request's end. Every request has a deadline of its own, so that this ends. */
  private static void await(CompletableFuture<Void> request) throws IOException {
    try {
      request.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the device", e);
    } catch (ExecutionException e) {
      throw Failures.of(e);
    }
  }
}
