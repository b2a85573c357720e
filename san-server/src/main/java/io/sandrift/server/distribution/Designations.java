package io.sandrift.server.distribution;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who became intake or master: the last {@link #KEPT} of the whole cluster in one znode, changed by
 * compare-and-set, so that the history outlives every server that is in it. Safe for all threads;
 * nothing waits for ZooKeeper but the executor that was given for that.
 */
final class Designations implements AutoCloseable {

  static final String DESIGNATIONS = "/sandrift/designations";

  /** Far below what a znode may hold. */
  static final int KEPT = 100;

  /** As often as others may be faster. */
  private static final int TRIES = 8;

  private static final Logger LOG = LoggerFactory.getLogger(Designations.class);

  private final CuratorFramework zookeeper;
  private final Executor waiting;
  private final CuratorCache cache;

  /** Newest first. */
  private volatile List<Assignment> known = List.of();

  /**
   * @param waiting for requests to ZooKeeper that wait
   */
  Designations(CuratorFramework zookeeper, Executor waiting) {
    this.zookeeper = zookeeper;
    this.waiting = waiting;
    this.cache =
        CuratorCache.build(zookeeper, DESIGNATIONS, CuratorCache.Options.SINGLE_NODE_CACHE);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> heard(now))
                .build());
  }

  void start() {
    cache.start();
  }

  /** Writes it down for all servers, soon. It is history: without ZooKeeper it is lost. */
  void add(Assignment entry) {
    try {
      waiting.execute(() -> write(entry));
    } catch (RejectedExecutionException e) {
      LOG.debug("not written down, as this server stops: {}", entry.reason());
    }
  }

  /** The newest first. */
  List<Assignment> newest(int most) {
    List<Assignment> all = known;
    return all.subList(0, Math.min(most, all.size()));
  }

  @Override
  public void close() {
    cache.close();
  }

  private void write(Assignment entry) {
    try {
      for (int tries = 0; tries < TRIES; tries++) {
        if (isWritten(entry)) {
          return;
        }
      }
      LOG.warn("not written down, as others were faster {} times: {}", TRIES, entry.reason());
    } catch (Exception e) {
      LOG.warn("not written down: {}: {}", entry.reason(), e.toString());
    }
  }

  /** Tries to, if nobody is faster. */
  private boolean isWritten(Assignment entry) throws Exception {
    List<Assignment> all = new ArrayList<>();
    all.add(entry);
    try {
      if (zookeeper.checkExists().forPath(DESIGNATIONS) == null) {
        zookeeper.create().creatingParentsIfNeeded().forPath(DESIGNATIONS, bytes(all));
        return true;
      }
      Stat stat = new Stat();
      List<Assignment> before = read(zookeeper.getData().storingStatIn(stat).forPath(DESIGNATIONS));
      if (before.contains(entry)) {
        // By a try whose answer was lost.
        return true;
      }
      all.addAll(before);
      zookeeper
          .setData()
          .withVersion(stat.getVersion())
          .forPath(DESIGNATIONS, bytes(all.subList(0, Math.min(KEPT, all.size()))));
      return true;
    } catch (KeeperException.NodeExistsException
        | KeeperException.BadVersionException
        | KeeperException.NoNodeException e) {
      return false;
    }
  }

  private void heard(ChildData node) {
    try {
      known = read(node.getData());
    } catch (RuntimeException e) {
      // Perhaps a newer version's; what was known until now is shown.
      LOG.warn("Ignoring {}: {}", DESIGNATIONS, e.getMessage());
    }
  }

  private static byte[] bytes(List<Assignment> entries) {
    return Mesh.bytes(new Wire.Assignments(entries));
  }

  private static List<Assignment> read(byte[] data) {
    return Mesh.read(data, Wire.Assignments.class).assignments();
  }
}
