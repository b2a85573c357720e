package io.sandrift.client.jscsi;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceInfo;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.text.TargetAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A disk over jSCSI. One request is under way at a time, and each has a deadline: after an error
 * jSCSI may hang for good, so that it is then given up, with its threads, and built anew for the
 * next request.
 *
 * <p>Redirections, CHAP, digests, flush and unmap it does not have. Redirections are resolved by a
 * login of our own engine beforehand; for the rest there is an error that says so.
 */
public final class JscsiBlockDevice implements BlockDevice {

  /** The most that one call moves: jSCSI allocates it whole. */
  private static final int CALL_BYTES = 256 * 1024;

  private final DeviceInfo info;
  private final TargetAddress portal;
  private final InitiatorOptions options;
  private final ExecutorService requests =
      Executors.newSingleThreadExecutor(JscsiBlockDevice::daemon);
  private ExecutorService calls = Executors.newSingleThreadExecutor(JscsiBlockDevice::daemon);
  private org.jscsi.initiator.@Nullable Initiator engine;

  private JscsiBlockDevice(DeviceInfo info, TargetAddress portal, InitiatorOptions options) {
    this.info = info;
    this.portal = portal;
    this.options = options;
  }

  /**
   * Opens a device.
   *
   * @param probe makes the login that finds out where the target is now, and what the device is
   * @throws IOException when the device can't be had, or not with this engine; the message says
   *     which
   */
  public static BlockDevice open(Initiator probe, DeviceUrl url, InitiatorOptions options)
      throws IOException {
    try {
      Class.forName("org.jscsi.initiator.Initiator");
    } catch (ClassNotFoundException | LinkageError e) {
      throw new IOException(
          "jSCSI is not installed: org.jscsi:initiator and org.jscsi:commons are missing from lib/",
          e);
    }
    if (url.lun() != 0 || url.user() != null || options.chap() != null) {
      throw new IOException(
          "jSCSI reaches only LUN 0, and only without CHAP; use the default engine");
    }
    DeviceInfo info;
    try (BlockDevice probed = probe.open(url)) {
      info = probed.info();
    }
    if (info.sizeBytes() / info.blockBytes() > Integer.MAX_VALUE) {
      throw new IOException(
          "jSCSI counts blocks in 31 bits, and this device has "
              + info.sizeBytes() / info.blockBytes()
              + " of them; use the default engine");
    }
    int colon = info.portal().lastIndexOf(':');
    TargetAddress portal =
        new TargetAddress(
            info.portal().substring(0, colon),
            Integer.parseInt(info.portal().substring(colon + 1)));
    JscsiBlockDevice device = new JscsiBlockDevice(info, portal, options);
    try {
      device.call(device::engine);
    } catch (IOException e) {
      device.close();
      throw e;
    }
    return device;
  }

  @Override
  public long sizeBytes() {
    return info.sizeBytes();
  }

  @Override
  public int blockBytes() {
    return info.blockBytes();
  }

  @Override
  public DeviceInfo info() {
    return info;
  }

  @Override
  public CompletableFuture<Void> readAsync(long offset, ByteBuffer destination) {
    ByteBuffer into = destination.slice();
    return submit(
        offset,
        into.remaining(),
        (at, length) -> {
          ByteBuffer part = ByteBuffer.allocate(length);
          int block = Math.toIntExact((offset + at) / info.blockBytes());
          call(
              () -> {
                engine().read(JscsiConfiguration.TARGET_ID, part, block, length);
                return part;
              });
          part.position(0).limit(length);
          into.slice(at, length).put(part);
        });
  }

  @Override
  public CompletableFuture<Void> writeAsync(long offset, ByteBuffer source) {
    ByteBuffer from = source.slice();
    return submit(
        offset,
        from.remaining(),
        (at, length) -> {
          ByteBuffer part = ByteBuffer.allocate(length).put(from.slice(at, length)).flip();
          int block = Math.toIntExact((offset + at) / info.blockBytes());
          call(
              () -> {
                engine().write(JscsiConfiguration.TARGET_ID, part, block, length);
                return part;
              });
        });
  }

  @Override
  public CompletableFuture<Void> writeDurablyAsync(long offset, ByteBuffer source) {
    return flushAsync();
  }

  @Override
  public CompletableFuture<Void> flushAsync() {
    return CompletableFuture.failedFuture(
        new IOException("jSCSI has no flush; use the default engine for durable writes"));
  }

  @Override
  public CompletableFuture<Void> unmapAsync(long offset, long length) {
    return CompletableFuture.failedFuture(
        new IOException("jSCSI has no unmap; use the default engine"));
  }

  @Override
  public void close() {
    requests.shutdownNow();
    org.jscsi.initiator.Initiator open = engine;
    engine = null;
    if (open != null) {
      try {
        call(
            () -> {
              open.closeSession(JscsiConfiguration.TARGET_ID);
              return open;
            });
      } catch (IOException e) {
        // The target ends the session when the connection is gone.
      }
    }
    calls.shutdownNow();
  }

  private interface Part {
    void run(int at, int length) throws IOException;
  }

  private CompletableFuture<Void> submit(long offset, int length, Part part) {
    if (offset < 0
        || offset > info.sizeBytes() - length
        || offset % blockBytes() != 0
        || length % blockBytes() != 0) {
      throw new IllegalArgumentException(
          length
              + " bytes at "
              + offset
              + " are not whole blocks within the device's "
              + info.sizeBytes()
              + " bytes");
    }
    CompletableFuture<Void> outcome = new CompletableFuture<>();
    requests.execute(
        () -> {
          try {
            for (int at = 0; at < length; at += CALL_BYTES) {
              part.run(at, Math.min(CALL_BYTES, length - at));
            }
            outcome.complete(null);
          } catch (IOException | RuntimeException e) {
            outcome.completeExceptionally(e);
          }
        });
    return outcome;
  }

  /** jSCSI, logged in. On the calls' thread. */
  private org.jscsi.initiator.Initiator engine() throws Exception {
    org.jscsi.initiator.Initiator open = engine;
    if (open == null) {
      open =
          new org.jscsi.initiator.Initiator(
              JscsiConfiguration.create(
                  portal.host(),
                  portal.port(),
                  info.targetName(),
                  options.initiatorName().value()));
      open.createSession(JscsiConfiguration.TARGET_ID);
      engine = open;
    }
    return open;
  }

  /** Has jSCSI do something, within the deadline; gives it up if that fails. */
  private <T> T call(Callable<T> work) throws IOException {
    Future<T> outcome = calls.submit(work);
    try {
      return outcome.get(options.commandTimeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      giveUp();
      throw new IOException("interrupted while waiting for jSCSI", e);
    } catch (TimeoutException e) {
      giveUp();
      throw new IOException(
          "no answer from jSCSI within " + options.commandTimeout().toSeconds() + " s", e);
    } catch (ExecutionException e) {
      giveUp();
      Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
      throw new IOException("jSCSI failed: " + cause, cause);
    }
  }

  private void giveUp() {
    engine = null;
    calls.shutdownNow();
    calls = Executors.newSingleThreadExecutor(JscsiBlockDevice::daemon);
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "jscsi");
    thread.setDaemon(true);
    return thread;
  }
}
