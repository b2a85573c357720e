package io.sandrift.load.service;

import io.sandrift.load.membership.ServerId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All nodes' reports, as their control processes publish them: which servers share a machine, and
 * how fit each is. An intake is handed over within the node first by this list. Safe for all
 * threads; nothing here waits for ZooKeeper.
 */
public final class NodeDirectory implements AutoCloseable {

  /** Where the nodes' reports are. */
  static final String NODES = "/sandrift/nodes";

  private static final Logger LOG = LoggerFactory.getLogger(NodeDirectory.class);

  private final CuratorCache cache;
  private final Map<String, NodeReport> nodes = new ConcurrentSkipListMap<>();

  /**
   * @param zookeeper started by the caller, and closed by it after this
   */
  public NodeDirectory(CuratorFramework zookeeper) {
    this.cache = CuratorCache.build(zookeeper, NODES);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> put(now))
                .forDeletes(this::remove)
                .build());
  }

  /** Begins to follow the nodes. ZooKeeper need not answer yet. */
  public void start() {
    cache.start();
  }

  /** The nodes that are known now, by name. */
  public List<NodeReport> nodes() {
    return List.copyOf(nodes.values());
  }

  /** The node that a server is an instance of; empty if no control process reports it. */
  public Optional<NodeReport> nodeOf(ServerId server) {
    return nodes.values().stream().filter(node -> node.find(server) != null).findFirst();
  }

  /** The other servers on a server's node, best rating first; empty if none is known. */
  public List<InstanceRating> neighbours(ServerId server) {
    return nodeOf(server).stream()
        .flatMap(node -> node.instances().stream())
        .filter(instance -> !instance.instance().equals(server))
        .toList();
  }

  /** Follows them no longer. May be called twice. */
  @Override
  public void close() {
    cache.close();
  }

  private void put(ChildData node) {
    if (node.getPath().equals(NODES)) {
      return;
    }
    try {
      nodes.put(name(node), ServiceJson.report(node.getData()));
    } catch (ServiceFormatException e) {
      LOG.warn("Ignoring {}: {}", node.getPath(), e.getMessage());
    }
  }

  private void remove(ChildData node) {
    if (!node.getPath().equals(NODES)) {
      nodes.remove(name(node));
    }
  }

  private static String name(ChildData node) {
    return node.getPath().substring(NODES.length() + 1);
  }
}
