package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who the master is.
 *
 * <pre>
 *   latch won ──▶ writes its id into /sandrift/master; the znode's new version is its epoch
 *             ──▶ master of that epoch, until the latch is lost or a higher epoch is seen
 * </pre>
 *
 * <p>Leadership is a hint: a server that was paused may believe in it for a while. So each decision
 * carries the epoch, and whoever receives one compares it with the highest that it has seen. Safe
 * for all threads.
 */
final class Mastership implements AutoCloseable {

  static final String MASTER = "/sandrift/master";
  static final String ELECTION = "/sandrift/election";

  private static final Logger LOG = LoggerFactory.getLogger(Mastership.class);

  /**
   * @param epoch 1 or more; a later master's is higher
   */
  record Master(ServerId server, long epoch) {}

  private final CuratorFramework zookeeper;
  private final ServerId self;
  private final CuratorCache cache;
  private final LeaderLatch latch;
  private final BiConsumer<Optional<Master>, Master> elected;
  private final AtomicLong highest = new AtomicLong();
  private volatile @Nullable Master current;

  /** The epoch in which this server is the master; 0 while it isn't. */
  private volatile long ownEpoch;

  /**
   * @param thread for requests to ZooKeeper that wait
   * @param elected told on that thread when this server has become the master: whom it followed, as
   *     far as it knows, and what it is now
   */
  Mastership(
      CuratorFramework zookeeper,
      ServerId self,
      ExecutorService thread,
      BiConsumer<Optional<Master>, Master> elected) {
    this.elected = elected;
    this.zookeeper = zookeeper;
    this.self = self;
    this.cache = CuratorCache.build(zookeeper, MASTER, CuratorCache.Options.SINGLE_NODE_CACHE);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> heard(now))
                .build());
    this.latch = new LeaderLatch(zookeeper, ELECTION, self.value());
    latch.addListener(
        new LeaderLatchListener() {
          @Override
          public void isLeader() {
            won();
          }

          @Override
          public void notLeader() {
            if (ownEpoch != 0) {
              LOG.info("{} is the master no longer", self);
            }
            ownEpoch = 0;
          }
        },
        thread);
  }

  void start() throws Exception {
    cache.start();
    latch.start();
  }

  /** The latest master that is known; it may be dead. */
  Optional<Master> current() {
    return Optional.ofNullable(current);
  }

  /** The epoch in which this server is the master, as far as it knows; 0 when it isn't. */
  long ownEpoch() {
    long epoch = ownEpoch;
    return epoch != 0 && epoch >= highest.get() ? epoch : 0;
  }

  /** Whether a decision of this epoch still counts; a higher one makes lower ones void. */
  boolean accept(long epoch) {
    return highest.accumulateAndGet(epoch, Math::max) == epoch;
  }

  @Override
  public void close() {
    ownEpoch = 0;
    try {
      latch.close();
    } catch (IOException | IllegalStateException e) {
      LOG.debug("the election was not left: {}", e.toString());
    }
    cache.close();
  }

  private void won() {
    try {
      Optional<Master> before = current();
      zookeeper.createContainers("/sandrift");
      if (zookeeper.checkExists().forPath(MASTER) == null) {
        zookeeper.create().orSetData().forPath(MASTER, new byte[0]);
      }
      Stat stat =
          zookeeper.setData().forPath(MASTER, self.value().getBytes(StandardCharsets.UTF_8));
      if (latch.hasLeadership()) {
        Master now = new Master(self, stat.getVersion());
        ownEpoch = now.epoch();
        highest.accumulateAndGet(now.epoch(), Math::max);
        current = now;
        LOG.info("{} is the master, epoch {}", self, now.epoch());
        elected.accept(before, now);
      }
    } catch (Exception e) {
      // Whoever asks decides for itself meanwhile; the latch is lost with the session anyway.
      LOG.warn("{} won the election, but could not say so: {}", self, e.toString());
    }
  }

  private void heard(ChildData node) {
    if (node.getData().length == 0) {
      return;
    }
    long epoch = node.getStat().getVersion();
    if (highest.accumulateAndGet(epoch, Math::max) == epoch) {
      current = new Master(new ServerId(new String(node.getData(), StandardCharsets.UTF_8)), epoch);
    }
  }
}
