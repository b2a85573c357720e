package io.sandrift.server.repartition;

import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What this server's store holds of one partition, whether it owns it or not. Blocks, for as long
 * as the disk takes.
 */
final class PartitionExtents {

  private static final long IO_LIMIT_SECONDS = 60;

  /** The store could not do it. */
  static final class StoreFailure extends Exception {
    StoreFailure(String message) {
      super(message);
    }
  }

  private final PartitionReplica store;
  private final StripeLayout layout;
  private final long units;
  private final int partition;

  PartitionExtents(HostedVolume volume, int partition) {
    this.store = volume.store();
    this.layout = volume.layout();
    this.units = layout.unitOf(volume.volume().sizeBytes() - 1) + 1;
    this.partition = partition;
  }

  /** The units that have an extent, in order. */
  List<Long> allocated() throws StoreFailure {
    List<Long> allocated = new ArrayList<>();
    for (long first = 0; first < units; first += PartitionReplica.MAX_ALLOCATION_UNITS) {
      int count = (int) Math.min(PartitionReplica.MAX_ALLOCATION_UNITS, units - first);
      long from = first;
      CompletableFuture<IoStatus> ended = new CompletableFuture<>();
      store.allocation(
          first,
          count,
          (status, bits) -> {
            for (int i = bits.nextSetBit(0); i >= 0; i = bits.nextSetBit(i + 1)) {
              if (layout.partitionOf(from + i) == partition) {
                allocated.add(from + i);
              }
            }
            ended.complete(status);
          });
      require(ended, "the extents of partition " + partition + " can't be listed");
    }
    return allocated;
  }

  /** Frees all of it. */
  void clear() throws StoreFailure {
    for (long unit : allocated()) {
      CompletableFuture<IoStatus> ended = new CompletableFuture<>();
      store.zero(unit, 0, layout.unitBytes(), ended::complete);
      require(ended, "an extent of partition " + partition + " can't be freed");
    }
  }

  static void require(CompletableFuture<IoStatus> ended, String what) throws StoreFailure {
    IoStatus status;
    try {
      status = ended.get(IO_LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreFailure(what + ": interrupted");
    } catch (ExecutionException e) {
      throw new StoreFailure(what + ": " + e.getCause());
    } catch (TimeoutException e) {
      throw new StoreFailure(what + ": the disk gave no answer in " + IO_LIMIT_SECONDS + " s");
    }
    if (status != IoStatus.OK) {
      throw new StoreFailure(what + ": " + status);
    }
  }
}
