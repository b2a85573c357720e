package io.sandrift.server.distribution;

import io.sandrift.server.distribution.policy.PolicySpec;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy of each type of service: one znode each, read by all servers as it changes, so that
 * policies are switched at run time. Reading is for any thread; {@link #set} waits for ZooKeeper.
 */
final class PolicyBoard implements AutoCloseable {

  static final String POLICIES = "/sandrift/policies";

  private static final Logger LOG = LoggerFactory.getLogger(PolicyBoard.class);

  private final CuratorFramework zookeeper;
  private final CuratorCache cache;
  private final Map<String, ServicePolicy> policies = new ConcurrentSkipListMap<>();

  /** As it stands in the znode. */
  private record Written(String policy, String link, Map<String, String> values) {}

  /**
   * @param changed hears of a service whose policy has changed, on Curator's thread
   */
  PolicyBoard(CuratorFramework zookeeper, Consumer<String> changed) {
    this.zookeeper = zookeeper;
    this.cache = CuratorCache.build(zookeeper, POLICIES);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> put(now, changed))
                .forDeletes(
                    gone -> {
                      policies.remove(service(gone));
                      changed.accept(service(gone));
                    })
                .build());
  }

  void start() {
    cache.start();
  }

  /** The one that holds; the default unless one was set. */
  ServicePolicy of(String service) {
    return policies.getOrDefault(service, ServicePolicy.DEFAULT);
  }

  /** Those that were set, by service. */
  SortedMap<String, ServicePolicy> all() {
    return new TreeMap<>(policies);
  }

  /**
   * Sets it for all servers.
   *
   * @throws DistributionException if ZooKeeper doesn't take it
   */
  void set(String service, ServicePolicy policy) {
    byte[] data =
        Mesh.bytes(
            new Written(policy.spec().policy(), policy.link().word(), policy.spec().values()));
    try {
      zookeeper.create().orSetData().creatingParentsIfNeeded().forPath(path(service), data);
      policies.put(service, policy);
    } catch (Exception e) {
      throw new DistributionException("the policy could not be stored in ZooKeeper: " + e, e);
    }
  }

  @Override
  public void close() {
    cache.close();
  }

  private void put(ChildData node, Consumer<String> changed) {
    if (node.getPath().equals(POLICIES)) {
      return;
    }
    String service = service(node);
    try {
      Written written = Mesh.read(node.getData(), Written.class);
      policies.put(
          service,
          new ServicePolicy(
              new PolicySpec(written.policy(), written.values()), Link.of(written.link())));
      changed.accept(service);
    } catch (RuntimeException e) {
      // Perhaps a newer version's; what holds until now goes on.
      LOG.warn("Ignoring {}: {}", node.getPath(), e.getMessage());
    }
  }

  private static String path(String service) {
    return POLICIES + "/" + service;
  }

  private static String service(ChildData node) {
    return node.getPath().substring(node.getPath().lastIndexOf('/') + 1);
  }
}
