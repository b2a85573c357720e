package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;

/**
 * Which servers are being emptied: a znode for each that is, which outlives the server's restarts.
 * Reading is for any thread; {@link #set} waits for ZooKeeper.
 */
final class DrainFlags implements AutoCloseable {

  static final String DRAINING = "/sandrift/draining";

  private final CuratorFramework zookeeper;
  private final CuratorCache cache;

  /** Since when each is being emptied. */
  private final Map<ServerId, Instant> draining = new ConcurrentHashMap<>();

  DrainFlags(CuratorFramework zookeeper) {
    this.zookeeper = zookeeper;
    this.cache = CuratorCache.build(zookeeper, DRAINING);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreates(
                    node -> {
                      if (!node.getPath().equals(DRAINING)) {
                        draining.put(server(node), Instant.ofEpochMilli(node.getStat().getCtime()));
                      }
                    })
                .forDeletes(
                    node -> {
                      if (!node.getPath().equals(DRAINING)) {
                        draining.remove(server(node));
                      }
                    })
                .build());
  }

  void start() {
    cache.start();
  }

  boolean isDraining(ServerId server) {
    return draining.containsKey(server);
  }

  /** Those that are being emptied, or are empty and kept so, and since when. */
  Map<ServerId, Instant> all() {
    return Map.copyOf(draining);
  }

  /**
   * Empties a server, or no longer.
   *
   * @throws DistributionException if ZooKeeper doesn't take it
   */
  void set(ServerId server, boolean drains) {
    String path = DRAINING + "/" + server;
    try {
      if (drains) {
        zookeeper.create().orSetData().creatingParentsIfNeeded().forPath(path, new byte[0]);
        draining.putIfAbsent(server, Instant.now());
      } else {
        draining.remove(server);
        zookeeper.delete().forPath(path);
      }
    } catch (KeeperException.NoNodeException e) {
      // It wasn't being emptied.
    } catch (Exception e) {
      throw new DistributionException("the drain flag could not be stored in ZooKeeper: " + e, e);
    }
  }

  @Override
  public void close() {
    cache.close();
  }

  private static ServerId server(ChildData node) {
    return new ServerId(node.getPath().substring(DRAINING.length() + 1));
  }
}
