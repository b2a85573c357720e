package io.sandrift.deploy;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.text.IscsiName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clients that all come to one server, for a demo whose visitors watch them being spread: each
 * reads at random, several blocks at a time, until it is closed.
 */
final class SkewedLoad implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SkewedLoad.class);

  static final int CLIENTS = 18;
  private static final int DEPTH = 8;
  private static final int BLOCK_BYTES = 4096;
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private final List<Initiator> initiators = new ArrayList<>();
  private final List<BlockDevice> devices = new ArrayList<>();
  private volatile boolean isClosed;

  /**
   * Opens the clients' sessions, one after the other.
   *
   * @throws IOException if one isn't let in
   */
  static SkewedLoad open(String url) throws IOException {
    SkewedLoad load = new SkewedLoad();
    for (int client = 1; client <= CLIENTS; client++) {
      Initiator initiator =
          new Initiator(
              InitiatorOptions.DEFAULT.withInitiatorName(
                  new IscsiName("iqn.2026-11.io.sandrift.demo:client-%02d".formatted(client))));
      load.initiators.add(initiator);
      load.devices.add(initiator.open(DeviceUrl.parse(url)));
    }
    return load;
  }

  /** Begins to read, on threads that end with the process. */
  void start() {
    for (BlockDevice device : devices) {
      Thread reader = new Thread(() -> read(device), "demo-client");
      reader.setDaemon(true);
      reader.start();
    }
  }

  private void read(BlockDevice device) {
    ByteBuffer[] buffers = new ByteBuffer[DEPTH];
    for (int i = 0; i < DEPTH; i++) {
      buffers[i] = ByteBuffer.allocateDirect(BLOCK_BYTES);
    }
    long blocks = device.sizeBytes() / BLOCK_BYTES;
    while (!isClosed) {
      var reads = new ArrayList<CompletableFuture<Void>>();
      for (ByteBuffer buffer : buffers) {
        long block = ThreadLocalRandom.current().nextLong(blocks);
        reads.add(device.readAsync(block * BLOCK_BYTES, buffer));
      }
      try {
        for (var one : reads) {
          one.get(1, TimeUnit.MINUTES);
        }
        TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      } catch (Exception e) {
        if (!isClosed) {
          log.warn("a client of the demo has ended: {}", e.toString());
        }
        return;
      }
    }
  }

  @Override
  public void close() {
    isClosed = true;
    devices.forEach(BlockDevice::close);
    initiators.forEach(Initiator::close);
  }
}
