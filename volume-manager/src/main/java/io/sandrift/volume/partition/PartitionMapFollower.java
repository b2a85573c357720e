package io.sandrift.volume.partition;

import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeName;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the newest map of one volume: hears of each change, and looks for one when it is told that
 * there must be one. Only ever goes forward. Safe for all threads; blocks none.
 */
public final class PartitionMapFollower implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PartitionMapFollower.class);

  private final CuratorFramework zookeeper;
  private final String path;
  private final CuratorCache cache;
  private final Consumer<PartitionMap> onNewer;
  private volatile PartitionMap current;

  /** The look under way, which all who ask share. Guarded by this. */
  private @Nullable CompletableFuture<PartitionMap> look;

  /**
   * @param known what is known already
   * @param onNewer told of each newer map before {@link #current} gives it; on ZooKeeper's threads,
   *     one at a time; must not block
   */
  public PartitionMapFollower(
      CuratorFramework zookeeper,
      VolumeName name,
      PartitionMap known,
      Consumer<PartitionMap> onNewer) {
    this.zookeeper = zookeeper;
    this.path = PartitionMaps.path(name);
    this.current = known;
    this.onNewer = onNewer;
    this.cache = CuratorCache.build(zookeeper, path, CuratorCache.Options.SINGLE_NODE_CACHE);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> heard(now))
                .build());
  }

  /** Begins to follow. */
  public void start() {
    cache.start();
  }

  /** The newest map that is known. */
  public PartitionMap current() {
    return current;
  }

  /**
   * Looks for a newer map than {@code known}, past what a member of the ensemble that is behind
   * would say.
   *
   * @return the newest; fails with {@link CatalogException} when ZooKeeper doesn't answer
   */
  public CompletableFuture<PartitionMap> refresh(PartitionMap known) {
    CompletableFuture<PartitionMap> mine;
    synchronized (this) {
      if (current.version() > known.version()) {
        return CompletableFuture.completedFuture(current);
      }
      if (look != null) {
        return look;
      }
      mine = new CompletableFuture<>();
      look = mine;
    }
    try {
      zookeeper
          .sync()
          .inBackground(
              (client, synced) ->
                  client.getData().inBackground((again, event) -> found(mine, event)).forPath(path))
          .forPath(path);
    } catch (Exception e) {
      failed(mine, e);
    }
    return mine;
  }

  /** Follows no longer. */
  @Override
  public void close() {
    cache.close();
  }

  private void found(CompletableFuture<PartitionMap> mine, CuratorEvent event) {
    try {
      KeeperException.Code code = KeeperException.Code.get(event.getResultCode());
      if (code != KeeperException.Code.OK) {
        throw new CatalogException("the partition map at " + path + " can't be read: " + code);
      }
      take(PartitionMapJson.decode(event.getData(), event.getStat().getVersion()));
      synchronized (this) {
        look = null;
      }
      mine.complete(current);
    } catch (RuntimeException e) {
      failed(mine, e);
    }
  }

  private void failed(CompletableFuture<PartitionMap> mine, Exception cause) {
    synchronized (this) {
      look = null;
    }
    mine.completeExceptionally(cause);
  }

  private void heard(ChildData node) {
    try {
      take(PartitionMapJson.decode(node.getData(), node.getStat().getVersion()));
    } catch (RuntimeException e) {
      LOG.error("the partition map at {} can't be taken up: {}", path, e.getMessage());
    }
  }

  private synchronized void take(PartitionMap map) {
    // A namesake that was created after this volume's deletion has another id.
    if (Objects.equals(map.volume(), current.volume()) && map.version() > current.version()) {
      onNewer.accept(map);
      current = map;
    }
  }
}
