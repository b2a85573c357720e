package io.sandrift.load.service;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes a node's report as the ephemeral znode {@code /sandrift/nodes/<node>}: when its list of
 * instances or their status changed, when a rating or the load moved enough, and at a heartbeat.
 *
 * <p>Runs on {@code node-publish}, a thread of its own.
 */
public final class NodePublisher implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(NodePublisher.class);

  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);
  private static final double ENOUGH = 0.05;

  private final CuratorFramework zookeeper;
  private final NodeBook book;
  private final Clock clock;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "node-publish");
            worker.setDaemon(true);
            return worker;
          });

  /** Confined to {@code node-publish}. */
  private @Nullable NodeReport published;

  /**
   * @param zookeeper started by the caller, and closed by it after this
   */
  public NodePublisher(CuratorFramework zookeeper, NodeBook book, Clock clock) {
    this.zookeeper = zookeeper;
    this.book = book;
    this.clock = clock;
  }

  /** Begins to publish. */
  public void start() {
    thread.scheduleWithFixedDelay(this::publish, 0, LOOK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Publishes no longer; the znode goes with the session. May be called twice. */
  @Override
  public void close() {
    thread.shutdownNow();
  }

  private void publish() {
    NodeReport report = book.report(clock.instant());
    if (!differs(published, report)) {
      return;
    }
    try {
      write(NodeDirectory.NODES + "/" + report.node(), ServiceJson.encode(report));
      published = report;
    } catch (Exception e) {
      published = null;
      LOG.warn("The node's report could not be published: {}; it is tried again", e.toString());
    }
  }

  private void write(String path, byte[] bytes) throws Exception {
    try {
      Stat stat = zookeeper.setData().forPath(path, bytes);
      if (stat.getEphemeralOwner()
          == zookeeper.getZookeeperClient().getZooKeeper().getSessionId()) {
        return;
      }
      zookeeper.delete().forPath(path);
    } catch (KeeperException.NoNodeException e) {
      LOG.debug("{} is made", path);
    }
    zookeeper
        .create()
        .creatingParentsIfNeeded()
        .withMode(CreateMode.EPHEMERAL)
        .forPath(path, bytes);
  }

  private static boolean differs(@Nullable NodeReport before, NodeReport now) {
    if (before == null
        || before.instances().size() != now.instances().size()
        || Math.abs(before.load() - now.load()) > ENOUGH
        || !before.at().plus(HEARTBEAT).isAfter(now.at())) {
      return true;
    }
    for (InstanceRating instance : now.instances()) {
      InstanceRating earlier = before.find(instance.instance());
      if (earlier == null
          || earlier.status() != instance.status()
          || !earlier.services().equals(instance.services())
          || Math.abs(earlier.rating() - instance.rating()) > ENOUGH) {
        return true;
      }
    }
    return false;
  }
}
