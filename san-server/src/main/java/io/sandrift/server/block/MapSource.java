package io.sandrift.server.block;

import io.sandrift.volume.partition.PartitionMap;
import java.util.concurrent.CompletableFuture;

/** Where a volume's partition map is had from. Safe for all threads. */
public interface MapSource {

  /** The newest map that this server has heard of. */
  PartitionMap current();

  /**
   * Looks for a newer map than {@code known}, since an owner has said that there is one. Many may
   * ask at once; they share one look.
   *
   * @return the newest map, perhaps {@code known} again; fails when it can't be read now
   */
  CompletableFuture<PartitionMap> refresh(PartitionMap known);
}
