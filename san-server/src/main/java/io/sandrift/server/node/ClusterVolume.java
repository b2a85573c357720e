package io.sandrift.server.node;

import io.netty.channel.EventLoop;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.LocalOwner;
import io.sandrift.server.block.MapSource;
import io.sandrift.server.block.NexusEpochs;
import io.sandrift.server.block.NexusGate;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.server.block.RoutedReplica;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.peer.PeerLinks;
import io.sandrift.server.peer.PeerOwner;
import io.sandrift.server.trace.Trace;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMapFollower;
import io.sandrift.volume.stripe.StripeLayout;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One volume at this server: its share of the partitions, its map, and the way to all of its bytes
 * for each nexus. Made and closed by the publisher; its methods are safe for all threads.
 */
final class ClusterVolume implements AutoCloseable {

  /** How long a login waits for the owners to fence what an earlier one left behind. */
  private static final Duration FENCING_LIMIT = Duration.ofSeconds(1);

  private static final Duration ZOOKEEPER_LIMIT = Duration.ofSeconds(10);

  /**
   * How long a login waits for its epoch: well below the time that a login may take, so that the
   * initiator is told to come again. An epoch that is taken after that belongs to nobody, which
   * costs an older login of the same nexus its next reconnection at most.
   */
  private static final Duration EPOCH_LIMIT = Duration.ofSeconds(5);

  /**
   * What one nexus uses.
   *
   * @param device its way to the volume's bytes
   * @param release ends its way; run once its I/O has ended
   */
  record NexusDevice(StripedDevice device, Runnable release) {}

  private final Volume volume;
  private final ServerId self;
  private final StripeLayout layout;
  private final OwnedVolume owned;
  private final PartitionReplica store;
  private final PartitionMapFollower follower;
  private final MapSource maps;
  private final PeerLinks links;
  private final NexusEpochs epochs;
  private final Duration patience;
  private final Map<String, RoutedReplica> routes = new ConcurrentHashMap<>();
  private @Nullable NexusDevice own;

  ClusterVolume(
      Volume volume,
      ServerId self,
      StripeLayout layout,
      OwnedVolume owned,
      PartitionReplica store,
      PartitionMapFollower follower,
      PeerLinks links,
      NexusEpochs epochs,
      Duration patience) {
    this.volume = volume;
    this.self = self;
    this.layout = layout;
    this.owned = owned;
    this.store = store;
    this.follower = follower;
    this.maps =
        new MapSource() {
          @Override
          public PartitionMap current() {
            return follower.current();
          }

          @Override
          public CompletableFuture<PartitionMap> refresh(PartitionMap known) {
            return follower.refresh(known);
          }
        };
    this.links = links;
    this.epochs = epochs;
    this.patience = patience;
  }

  /**
   * Follows the map from now on, and opens this server's own way, which long work such as EXTENDED
   * COPY between volumes takes. Blocks.
   *
   * @throws CatalogException if ZooKeeper doesn't answer
   */
  void start(EventLoop loop) {
    follower.start();
    try {
      own =
          open(
                  "server/" + self,
                  Trace.NONE,
                  loop,
                  () -> {},
                  StripedDevice.unrouted(layout, volume.sizeBytes()))
              .get(ZOOKEEPER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CatalogException("interrupted while volume '" + volume.name() + "' was opened", e);
    } catch (ExecutionException | TimeoutException e) {
      follower.close();
      throw new CatalogException(
          "volume '" + volume.name() + "' can't be opened now (" + e.getMessage() + ")", e);
    }
  }

  /** The volume by this server's own way. */
  StripedDevice device() {
    if (own == null) {
      throw new IllegalStateException("not started");
    }
    return own.device();
  }

  VolumeId id() {
    return volume.id();
  }

  OwnedVolume owned() {
    return owned;
  }

  /** This server's store of it, past the gates. */
  PartitionReplica store() {
    return store;
  }

  PartitionMapFollower map() {
    return follower;
  }

  /** The way of a nexus that is open here, for its counters. */
  Optional<RoutedReplica> route(String nexus) {
    return Optional.ofNullable(routes.get(nexus));
  }

  /**
   * The share of its sessions' requests that found their bytes at this server, 0 to 1; 1 when there
   * were none.
   */
  double localShare() {
    long local = 0;
    long all = 0;
    for (RoutedReplica route : routes.values()) {
      local += route.localOperations();
      all += route.localOperations();
      all += route.remoteOperations().values().stream().mapToLong(Long::longValue).sum();
    }
    return all == 0 ? 1 : (double) local / all;
  }

  /** Opens the volume for a nexus; see {@code NexusOpening}. */
  CompletableFuture<NexusDevice> open(
      String nexus, Trace trace, EventLoop loop, Runnable onFenced) {
    return open(nexus, trace, loop, onFenced, device());
  }

  private CompletableFuture<NexusDevice> open(
      String nexus, Trace trace, EventLoop loop, Runnable onFenced, StripedDevice device) {
    return epochs
        .take(volume, nexus)
        .orTimeout(EPOCH_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .thenCompose(
            epoch ->
                openHere(nexus, epoch, onFenced)
                    .thenCompose(gate -> reachOut(nexus, gate, trace, loop, onFenced, device)));
  }

  private CompletableFuture<NexusGate> openHere(String nexus, long epoch, Runnable onFenced) {
    CompletableFuture<NexusGate> opened = new CompletableFuture<>();
    owned.open(
        nexus,
        epoch,
        0, // a login opens once where it is itself
        onFenced,
        gate -> {
          if (gate == null) {
            opened.completeExceptionally(new CatalogException("a newer login has overtaken it"));
          } else {
            opened.complete(gate);
          }
        });
    return opened;
  }

  private CompletableFuture<NexusDevice> reachOut(
      String nexus,
      NexusGate gate,
      Trace trace,
      EventLoop loop,
      Runnable onFenced,
      StripedDevice device) {
    long epoch = gate.epoch();
    RoutedReplica routed =
        new RoutedReplica(
            layout,
            maps,
            self,
            new LocalOwner(owned, gate),
            server -> new PeerOwner(links, loop, server, volume, nexus, epoch, epochs, trace),
            loop,
            patience,
            onFenced);
    routes.put(nexus, routed);
    NexusDevice opened =
        new NexusDevice(
            device.by(routed),
            () -> {
              routes.remove(nexus, routed);
              routed.close();
              epochs.release(volume, nexus, epoch);
            });
    // An owner that doesn't answer is fenced before the first request to it.
    return routed
        .open()
        .completeOnTimeout(null, FENCING_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
        .thenApply(reached -> opened);
  }

  @Override
  public void close() {
    if (own != null) {
      own.release().run();
    }
    follower.close();
  }
}
