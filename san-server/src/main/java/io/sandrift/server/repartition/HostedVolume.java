package io.sandrift.server.repartition;

import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.concurrent.CompletableFuture;

/**
 * A volume that is open at this server, whether it owns some of it or not. Safe for all threads.
 */
public interface HostedVolume {

  /** As it is now. */
  Volume volume();

  /** Its gates. */
  OwnedVolume owned();

  /**
   * What this server's store has of it, {@linkplain PartitionReplica#background for copying}; asked
   * past the gates.
   */
  PartitionReplica store();

  /** The newest map that this server has heard of. */
  PartitionMap map();

  /** Looks for a newer map in ZooKeeper, and takes it up. */
  CompletableFuture<PartitionMap> refresh();

  default StripeLayout layout() {
    return new StripeLayout(volume().spec().stripeUnitBytes(), volume().spec().partitions());
  }
}
