package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.policy.IntakeChange;
import io.sandrift.server.distribution.policy.IntakeState;
import java.time.Instant;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.cache.CuratorCache;
import org.apache.curator.framework.recipes.cache.CuratorCacheListener;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The intake of each type of service, a znode each, changed by compare-and-set: of two servers that
 * would follow the same intake, one does.
 */
final class IntakeBoard implements AutoCloseable {

  static final String INTAKES = "/sandrift/intakes";

  private static final Logger LOG = LoggerFactory.getLogger(IntakeBoard.class);

  private final CuratorFramework zookeeper;
  private final CuratorCache cache;

  /**
   * @param heard told of each state that is read, on Curator's thread
   */
  IntakeBoard(CuratorFramework zookeeper, Consumer<IntakeState> heard) {
    this.zookeeper = zookeeper;
    this.cache = CuratorCache.build(zookeeper, INTAKES);
    cache
        .listenable()
        .addListener(
            CuratorCacheListener.builder()
                .forCreatesAndChanges((before, now) -> read(now, heard))
                .build());
  }

  void start() {
    cache.start();
  }

  /**
   * Carries a change out, if nobody was faster. Waits for ZooKeeper.
   *
   * @return whether it holds now
   */
  boolean change(IntakeChange change) throws Exception {
    IntakeState after = change.after();
    String path = INTAKES + "/" + after.service();
    byte[] data = Mesh.bytes(news(after));
    try {
      if (change.before().epoch() == 0) {
        zookeeper.create().creatingParentsIfNeeded().forPath(path, data);
        return true;
      }
      Stat stat = new Stat();
      IntakeState now =
          state(
              Mesh.read(
                  zookeeper.getData().storingStatIn(stat).forPath(path), Wire.IntakeNews.class));
      if (now.epoch() != change.before().epoch()) {
        return false;
      }
      zookeeper.setData().withVersion(stat.getVersion()).forPath(path, data);
      return true;
    } catch (KeeperException.NodeExistsException
        | KeeperException.BadVersionException
        | KeeperException.NoNodeException e) {
      return false;
    }
  }

  @Override
  public void close() {
    cache.close();
  }

  static Wire.IntakeNews news(IntakeState state) {
    ServerId intake = state.intake();
    ServerId previous = state.previous();
    return new Wire.IntakeNews(
        state.service(),
        intake == null ? null : intake.value(),
        previous == null ? null : previous.value(),
        state.epoch(),
        state.since().toEpochMilli());
  }

  static IntakeState state(Wire.IntakeNews news) {
    String intake = news.intake();
    String previous = news.previous();
    return new IntakeState(
        news.service(),
        intake == null ? null : new ServerId(intake),
        previous == null ? null : new ServerId(previous),
        news.epoch(),
        Instant.ofEpochMilli(news.sinceMillis()));
  }

  private static void read(ChildData node, Consumer<IntakeState> heard) {
    if (node.getPath().equals(INTAKES)) {
      return;
    }
    try {
      heard.accept(state(Mesh.read(node.getData(), Wire.IntakeNews.class)));
    } catch (RuntimeException e) {
      LOG.warn("Ignoring {}: {}", node.getPath(), e.getMessage());
    }
  }
}
