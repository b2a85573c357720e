package io.sandrift.server.node;

import io.netty.channel.EventLoop;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.server.peer.PeerLinks;
import io.sandrift.server.peer.PeerServer;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMapFollower;
import io.sandrift.volume.partition.PartitionMaps;
import io.sandrift.volume.placement.RendezvousPlacement;
import io.sandrift.volume.stripe.StripeLayout;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;

/** Opens the volumes of the catalog at this server, for the publisher; on its thread. */
final class ClusterVolumes {

  private final ServerId self;
  private final ExtentStore store;
  private final CuratorFramework zookeeper;
  private final PartitionMaps maps;
  private final NexusEpochZnodes epochs;
  private final PeerServer peers;
  private final PeerLinks links;
  private final EventLoop loop;
  private final Supplier<Map<ServerId, Double>> weights;
  private final Duration patience;

  /**
   * Kept when the opening of a volume fails and is tried again: its gates know who has been let in
   * and who fenced.
   */
  private final Map<VolumeId, OwnedVolume> owned = new HashMap<>();

  /**
   * @param loop for what this server itself does with volumes
   * @param weights the servers that a new volume may be placed at, this one among them
   * @param patience how long a request may wait for an owner that can't be reached
   */
  ClusterVolumes(
      ServerId self,
      ExtentStore store,
      CuratorFramework zookeeper,
      PeerServer peers,
      PeerLinks links,
      EventLoop loop,
      Supplier<Map<ServerId, Double>> weights,
      Duration patience) {
    this.self = self;
    this.store = store;
    this.zookeeper = zookeeper;
    this.maps = new PartitionMaps(zookeeper);
    this.epochs = new NexusEpochZnodes(zookeeper, self.value());
    this.peers = peers;
    this.links = links;
    this.loop = loop;
    this.weights = weights;
    this.patience = patience;
  }

  /**
   * Opens a volume, placing its partitions first if nobody has yet, and serves this server's share
   * of it to the others. Blocks on ZooKeeper.
   */
  ClusterVolume open(Volume volume) throws StoreException {
    PartitionMap map = maps.findOrPlace(volume, () -> placement(volume));
    int unitBytes = volume.spec().stripeUnitBytes();
    StripeLayout layout = new StripeLayout(unitBytes, volume.spec().partitions());
    PartitionReplica replica = store.replica(volume.id(), unitBytes);
    OwnedVolume share = owned.get(volume.id());
    if (share == null) {
      share = new OwnedVolume(self, layout, replica, map);
      owned.put(volume.id(), share);
    } else {
      share.follow(map);
    }
    PartitionMapFollower follower =
        new PartitionMapFollower(zookeeper, volume.name(), map, share::follow);
    ClusterVolume opened =
        new ClusterVolume(volume, self, layout, share, replica, follower, links, epochs, patience);
    peers.publish(volume.id(), share);
    opened.start(loop);
    return opened;
  }

  /** The volume was deleted: nothing of it is served any more, and its nexuses are forgotten. */
  void forget(VolumeId id) {
    owned.remove(id);
    peers.withdraw(id);
    epochs.forget(id);
  }

  private List<PartitionEntry> placement(Volume volume) {
    return new RendezvousPlacement(weights.get())
        .place(volume.id(), volume.spec().partitions()).stream()
            .map(server -> PartitionEntry.first(List.of(server)))
            .toList();
  }
}
