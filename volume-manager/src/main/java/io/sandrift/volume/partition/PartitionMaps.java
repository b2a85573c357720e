package io.sandrift.volume.partition;

import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/**
 * The partition maps in ZooKeeper: a znode {@code partitions} beneath each volume's. Changed only
 * by compare-and-set. Safe to call from any thread; blocks on ZooKeeper.
 */
public final class PartitionMaps {

  /** How often the creation of a map is tried again when others create or delete it meanwhile. */
  private static final int ATTEMPTS = 20;

  private static final long CATCH_UP_LIMIT_SECONDS = 10;

  private final CuratorFramework zookeeper;

  public PartitionMaps(CuratorFramework zookeeper) {
    this.zookeeper = Objects.requireNonNull(zookeeper);
  }

  /**
   * The volume's map, no older than this call, whichever member of the ensemble answers: a server
   * that is started again must not take for its own what it has given away. A volume without one
   * (it was just created) gets the one that {@code placement} chooses; when several servers do that
   * at once, the first wins and all return its map.
   *
   * @param placement the first entry of each partition, as many as the volume has partitions
   * @throws CatalogException if ZooKeeper doesn't answer, or the volume doesn't exist any more
   */
  public PartitionMap findOrPlace(Volume volume, Supplier<List<PartitionEntry>> placement) {
    String path = path(volume.name());
    catchUp(volume.name());
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Optional<PartitionMap> found = find(volume.name());
      if (found.isPresent() && found.get().volume().equals(volume.id())) {
        return found.get();
      }
      PartitionMap placed = new PartitionMap(volume.id(), 0, placement.get());
      if (placed.size() != volume.spec().partitions()) {
        throw new IllegalArgumentException(
            "placement gave " + placed.size() + " entries for " + volume.spec());
      }
      try {
        place(path, placed, found);
        int version = found.isPresent() ? found.get().version() + 1 : 0;
        return new PartitionMap(volume.id(), version, placed.entries());
      } catch (KeeperException.NodeExistsException | KeeperException.BadVersionException e) {
        // Another server was quicker; its map is found by the next attempt.
        requireNotDeleted(volume);
      } catch (KeeperException.NoNodeException e) {
        throw new CatalogException("volume '" + volume.name() + "' doesn't exist any more", e);
      } catch (Exception e) {
        throw unavailable(volume.name(), e);
      }
    }
    throw new CatalogException(
        "the partition map of volume '" + volume.name() + "' changes all the time; repeat");
  }

  /**
   * In one transaction with the proof that the volume isn't deleted: a server that is late must not
   * replace the map of a namesake that was created meanwhile.
   *
   * @param found what stands in its place, of an earlier volume of that name
   */
  private void place(String path, PartitionMap placed, Optional<PartitionMap> found)
      throws Exception {
    String deleted = ZooKeeperVolumeCatalog.deletedPath(placed.volume());
    String parent = ZKPaths.getPathAndNode(deleted).getPath();
    if (zookeeper.checkExists().forPath(parent) == null) {
      zookeeper.create().orSetData().creatingParentsIfNeeded().forPath(parent);
    }
    byte[] encoded = PartitionMapJson.encode(placed);
    zookeeper
        .transaction()
        .forOperations(
            zookeeper.transactionOp().create().forPath(deleted, new byte[0]),
            zookeeper.transactionOp().delete().forPath(deleted),
            found.isPresent()
                ? zookeeper
                    .transactionOp()
                    .setData()
                    .withVersion(found.get().version())
                    .forPath(path, encoded)
                : zookeeper.transactionOp().create().forPath(path, encoded));
  }

  /** What is read next is as new as the ensemble has it now. */
  private void catchUp(VolumeName name) {
    CompletableFuture<KeeperException.Code> caughtUp = new CompletableFuture<>();
    try {
      zookeeper
          .sync()
          .inBackground(
              (client, event) -> caughtUp.complete(KeeperException.Code.get(event.getResultCode())))
          .forPath(path(name));
      KeeperException.Code code = caughtUp.get(CATCH_UP_LIMIT_SECONDS, TimeUnit.SECONDS);
      if (code != KeeperException.Code.OK) {
        throw KeeperException.create(code, path(name));
      }
    } catch (Exception e) {
      throw unavailable(name, e);
    }
  }

  private void requireNotDeleted(Volume volume) {
    try {
      if (zookeeper.checkExists().forPath(ZooKeeperVolumeCatalog.deletedPath(volume.id()))
          != null) {
        throw new CatalogException("volume '" + volume.name() + "' doesn't exist any more");
      }
    } catch (CatalogException e) {
      throw e;
    } catch (Exception e) {
      throw unavailable(volume.name(), e);
    }
  }

  /** The map of the volume of that name. */
  public Optional<PartitionMap> find(VolumeName name) {
    Stat stat = new Stat();
    try {
      byte[] data = zookeeper.getData().storingStatIn(stat).forPath(path(name));
      return Optional.of(PartitionMapJson.decode(data, stat.getVersion()));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    } catch (CatalogException e) {
      throw e;
    } catch (Exception e) {
      throw unavailable(name, e);
    }
  }

  /**
   * Replaces the map if it still has the version that {@code map} was derived from.
   *
   * @return the map with its new version; empty if another change came first
   */
  public Optional<PartitionMap> replace(VolumeName name, PartitionMap map) {
    try {
      Stat stat =
          zookeeper
              .setData()
              .withVersion(map.version())
              .forPath(path(name), PartitionMapJson.encode(map));
      return Optional.of(new PartitionMap(map.volume(), stat.getVersion(), map.entries()));
    } catch (KeeperException.BadVersionException | KeeperException.NoNodeException e) {
      return Optional.empty();
    } catch (CatalogException e) {
      throw e;
    } catch (Exception e) {
      throw unavailable(name, e);
    }
  }

  static String path(VolumeName name) {
    return ZooKeeperVolumeCatalog.path(name) + "/partitions";
  }

  private static CatalogException unavailable(VolumeName name, Exception cause) {
    if (cause instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    return new CatalogException(
        "could not reach the partition map of volume '"
            + name
            + "' ("
            + cause
            + "); check that ZooKeeper runs, then repeat",
        cause);
  }
}
