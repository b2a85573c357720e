package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Which servers are being emptied: a znode for each that is, which outlives the server's restarts.
 * Reading is for any thread; what changes it waits for ZooKeeper.
 */
final class DrainFlags implements AutoCloseable {

  static final String DRAINING = "/sandrift/draining";

  /**
   * What such a znode holds; its own age says since when.
   *
   * @param emptiedMillis as {@link Drain#emptied}
   */
  private record Written(String by, @Nullable Long emptiedMillis) {
    Written {
      by = Objects.requireNonNullElse(by, "");
    }
  }

  private final CuratorFramework zookeeper;
  private final CuratorCache cache;
  private final Map<ServerId, Drain> draining = new ConcurrentHashMap<>();

  DrainFlags(CuratorFramework zookeeper) {
    this.zookeeper = zookeeper;
    this.cache = CuratorCache.build(zookeeper, DRAINING);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges(
                    (before, node) -> {
                      if (!node.getPath().equals(DRAINING)) {
                        draining.put(server(node), drain(node));
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

  /** That a server is being emptied; null if it isn't. */
  @Nullable Drain find(ServerId server) {
    return draining.get(server);
  }

  /** Those that are being emptied, or are empty and kept so. */
  Map<ServerId, Drain> all() {
    return Map.copyOf(draining);
  }

  /**
   * Empties a server. If it is being emptied already, it stays with who asked first.
   *
   * @throws DistributionException if ZooKeeper doesn't take it
   */
  void set(ServerId server, String by) {
    try {
      zookeeper
          .create()
          .creatingParentsIfNeeded()
          .forPath(path(server), Mesh.bytes(new Written(by, null)));
    } catch (KeeperException.NodeExistsException e) {
      // Somebody has asked for it before.
    } catch (Exception e) {
      throw notStored(e);
    }
    draining.putIfAbsent(server, new Drain(Instant.now(), by, null));
  }

  /**
   * Ends it: the server takes sessions again.
   *
   * @throws DistributionException if ZooKeeper doesn't take it
   */
  void clear(ServerId server) {
    try {
      draining.remove(server);
      zookeeper.delete().forPath(path(server));
    } catch (KeeperException.NoNodeException e) {
      // It wasn't being emptied.
    } catch (Exception e) {
      throw notStored(e);
    }
  }

  /**
   * Writes down when the last session had left.
   *
   * @param emptied null if there are some, after all
   * @throws DistributionException if ZooKeeper doesn't take it
   */
  void emptied(ServerId server, @Nullable Instant emptied) {
    try {
      Stat stat = new Stat();
      Written before = read(zookeeper.getData().storingStatIn(stat).forPath(path(server)));
      if ((before.emptiedMillis() == null) != (emptied == null)) {
        Long millis = emptied == null ? null : emptied.toEpochMilli();
        zookeeper
            .setData()
            .withVersion(stat.getVersion())
            .forPath(path(server), Mesh.bytes(new Written(before.by(), millis)));
      }
    } catch (KeeperException.NoNodeException | KeeperException.BadVersionException e) {
      // It is being emptied no longer, or anew.
    } catch (Exception e) {
      throw notStored(e);
    }
  }

  @Override
  public void close() {
    cache.close();
  }

  private static Drain drain(ChildData node) {
    Written written = read(node.getData());
    Long millis = written.emptiedMillis();
    return new Drain(
        Instant.ofEpochMilli(node.getStat().getCtime()),
        written.by(),
        millis == null ? null : Instant.ofEpochMilli(millis));
  }

  /** The flag holds whatever stands in it: older software writes nothing. */
  private static Written read(byte[] data) {
    try {
      return Mesh.read(data, Written.class);
    } catch (PeerException e) {
      return new Written("", null);
    }
  }

  private static DistributionException notStored(Exception e) {
    return new DistributionException("the drain flag could not be stored in ZooKeeper: " + e, e);
  }

  private static String path(ServerId server) {
    return DRAINING + "/" + server;
  }

  private static ServerId server(ChildData node) {
    return new ServerId(node.getPath().substring(DRAINING.length() + 1));
  }
}
