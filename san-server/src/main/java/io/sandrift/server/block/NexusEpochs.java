package io.sandrift.server.block;

import io.sandrift.volume.catalog.Volume;
import java.util.concurrent.CompletableFuture;

/**
 * The order of a nexus's logins, at whatever servers: each takes a greater epoch than all before.
 * Implemented over ZooKeeper; nothing here blocks.
 */
public interface NexusEpochs {

  /** Takes the next epoch: from now on this is the nexus's only valid login. */
  CompletableFuture<Long> take(Volume volume, String nexus);

  /** Whether no newer epoch has been taken, as of a moment after this call. */
  CompletableFuture<Boolean> isCurrent(Volume volume, String nexus, long epoch);

  /** The login of this epoch is over; if it is the last one, nobody can go on with it any more. */
  void release(Volume volume, String nexus, long epoch);
}
