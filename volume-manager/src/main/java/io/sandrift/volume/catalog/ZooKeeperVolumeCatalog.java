package io.sandrift.volume.catalog;

import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.transaction.CuratorOp;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The catalog in ZooKeeper: a znode {@code /sandrift/volumes/<name>} for each volume, changed only
 * by compare-and-set on its version. What belongs to a volume (its partition map, its persistent
 * reservations) lies beneath it and goes with it, in one transaction, which leaves a mark of the
 * deletion for the servers that are away.
 */
public final class ZooKeeperVolumeCatalog implements VolumeCatalog, AutoCloseable {

  /** Where the volumes' znodes are. */
  public static final String VOLUMES = "/sandrift/volumes";

  /** Where a znode {@code <id>} stays for each volume that was deleted. */
  private static final String DELETED = "/sandrift/deleted";

  /** How often a change is tried again when another one came between. */
  private static final int ATTEMPTS = 20;

  private static final Logger log = LoggerFactory.getLogger(ZooKeeperVolumeCatalog.class);

  private final CuratorFramework zookeeper;
  private final InstantSource clock;
  private final List<CuratorCache> watches = new CopyOnWriteArrayList<>();

  /**
   * @param zookeeper started by the caller, and closed by it after this
   */
  public ZooKeeperVolumeCatalog(CuratorFramework zookeeper, InstantSource clock) {
    this.zookeeper = Objects.requireNonNull(zookeeper);
    this.clock = Objects.requireNonNull(clock);
  }

  /** The znode of a volume. */
  public static String path(VolumeName name) {
    return VOLUMES + "/" + name;
  }

  @Override
  public Creation create(VolumeSpec spec) {
    Volume volume =
        new Volume(VolumeId.random(), spec, clock.instant().truncatedTo(ChronoUnit.MILLIS), 0);
    return retrying(
        "create volume '" + spec.name() + "'",
        () -> {
          try {
            zookeeper
                .create()
                .creatingParentsIfNeeded()
                .forPath(path(spec.name()), VolumeJson.encode(volume));
            return new Creation(volume, true);
          } catch (KeeperException.NodeExistsException e) {
            // Deleted again in the meantime: the next attempt creates it.
            return new Creation(find(spec.name()).orElseThrow(ChangedMeanwhile::new), false);
          }
        });
  }

  @Override
  public Optional<Volume> find(VolumeName name) {
    return retrying("read volume '" + name + "'", () -> read(name));
  }

  @Override
  public List<Volume> list() {
    return retrying(
        "list the volumes",
        () -> {
          List<String> names;
          try {
            names = new ArrayList<>(zookeeper.getChildren().forPath(VOLUMES));
          } catch (KeeperException.NoNodeException e) {
            return List.of();
          }
          names.sort(null);
          List<Volume> volumes = new ArrayList<>(names.size());
          for (String name : names) {
            read(new VolumeName(name)).ifPresent(volumes::add);
          }
          return List.copyOf(volumes);
        });
  }

  @Override
  public Optional<Volume> grow(VolumeName name, long newSizeBytes) {
    return retrying(
        "resize volume '" + name + "'",
        () -> {
          Optional<Volume> found = read(name);
          if (found.isEmpty()) {
            return found;
          }
          Volume now = found.get();
          Volume grown = now.grownTo(newSizeBytes);
          if (grown.equals(now)) {
            return found;
          }
          try {
            Stat stat =
                zookeeper
                    .setData()
                    .withVersion(now.version())
                    .forPath(path(name), VolumeJson.encode(grown));
            return Optional.of(
                new Volume(grown.id(), grown.spec(), grown.created(), stat.getVersion()));
          } catch (KeeperException.BadVersionException | KeeperException.NoNodeException e) {
            throw new ChangedMeanwhile();
          }
        });
  }

  @Override
  public Optional<Volume> delete(VolumeName name) {
    return retrying(
        "delete volume '" + name + "'",
        () -> {
          Optional<Volume> found = read(name);
          if (found.isEmpty()) {
            return found;
          }
          try {
            List<CuratorOp> operations = new ArrayList<>();
            for (String child : zookeeper.getChildren().forPath(path(name))) {
              operations.add(zookeeper.transactionOp().delete().forPath(path(name) + "/" + child));
            }
            operations.add(
                zookeeper
                    .transactionOp()
                    .delete()
                    .withVersion(found.get().version())
                    .forPath(path(name)));
            operations.add(
                zookeeper
                    .transactionOp()
                    .create()
                    .forPath(deletedPath(found.get().id()), new byte[0]));
            if (zookeeper.checkExists().forPath(DELETED) == null) {
              zookeeper.create().orSetData().creatingParentsIfNeeded().forPath(DELETED);
            }
            zookeeper.transaction().forOperations(operations);
            return found;
          } catch (KeeperException.NotEmptyException
              | KeeperException.BadVersionException
              | KeeperException.NoNodeException e) {
            throw new ChangedMeanwhile();
          }
        });
  }

  @Override
  public boolean isDeleted(VolumeId id) {
    return retrying(
        "look for the deletion of volume " + id,
        () -> zookeeper.checkExists().forPath(deletedPath(id)) != null);
  }

  @Override
  public void watch(VolumeListener listener) {
    CuratorCache cache = CuratorCache.build(zookeeper, VOLUMES);
    watches.add(cache);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreates(node -> ifVolume(node, () -> listener.added(decode(node))))
                .forChanges(
                    (before, now) -> ifVolume(now, () -> notifyChange(listener, before, now)))
                .forDeletes(node -> ifVolume(node, () -> listener.removed(decode(node))))
                .forInitialized(() -> listener.listed(ids(cache)))
                .build());
    cache.start();
  }

  /** Ends all watches. May be called twice. */
  @Override
  public void close() {
    watches.forEach(CuratorCache::close);
    watches.clear();
  }

  private Optional<Volume> read(VolumeName name) throws Exception {
    Stat stat = new Stat();
    try {
      byte[] data = zookeeper.getData().storingStatIn(stat).forPath(path(name));
      return Optional.of(VolumeJson.decode(data, stat.getVersion()));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    }
  }

  private static Set<VolumeId> ids(CuratorCache cache) {
    Set<VolumeId> ids = new HashSet<>();
    cache.stream().forEach(node -> ifVolume(node, () -> ids.add(decode(node).id())));
    return Set.copyOf(ids);
  }

  private static void notifyChange(VolumeListener listener, ChildData was, ChildData is) {
    Volume before = decode(was);
    Volume now = decode(is);
    if (before.id().equals(now.id())) {
      listener.changed(before, now);
    } else {
      // Deleted and created again while the connection was away.
      listener.removed(before);
      listener.added(now);
    }
  }

  /** The znode that exists from the volume's deletion on. */
  public static String deletedPath(VolumeId id) {
    return DELETED + "/" + id;
  }

  private static Volume decode(ChildData node) {
    return VolumeJson.decode(node.getData(), node.getStat().getVersion());
  }

  /**
   * The cache also holds the root and what lies beneath the volumes; a bad record stops nothing.
   */
  private static void ifVolume(ChildData node, Runnable notification) {
    String path = node.getPath();
    if (path.length() <= VOLUMES.length() || path.indexOf('/', VOLUMES.length() + 1) >= 0) {
      return;
    }
    try {
      notification.run();
    } catch (RuntimeException e) {
      log.error("Could not take up the change of {}", path, e);
    }
  }

  private static <T> T retrying(String what, Callable<T> operation) {
    for (int attempt = 1; ; attempt++) {
      try {
        return operation.call();
      } catch (ChangedMeanwhile e) {
        if (attempt == ATTEMPTS) {
          throw new CatalogException(
              "could not " + what + ": others changed it " + ATTEMPTS + " times meanwhile; repeat",
              e);
        }
      } catch (RuntimeException e) {
        throw e;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CatalogException("interrupted: could not " + what, e);
      } catch (Exception e) {
        throw new CatalogException(
            "could not " + what + " (" + e + "); check that ZooKeeper runs, then repeat", e);
      }
    }
  }

  /** Another change came between the reading and the writing of one. */
  private static final class ChangedMeanwhile extends RuntimeException {
    ChangedMeanwhile() {
      super(null, null, false, false);
    }
  }
}
