package io.sandrift.server.block;

import java.util.concurrent.CompletableFuture;

/** The way of one nexus to this server's own partitions of a volume. Safe for all threads. */
public final class LocalOwner implements PartitionOwner {

  private final OwnedVolume volume;
  private final NexusGate gate;

  /**
   * @param gate of the nexus, open at {@code volume}
   */
  public LocalOwner(OwnedVolume volume, NexusGate gate) {
    this.volume = volume;
    this.gate = gate;
  }

  @Override
  public CompletableFuture<Void> open() {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void submit(BlockRequest request) {
    volume.submit(gate, request);
  }

  @Override
  public void close() {
    volume.close(gate);
  }
}
