package io.sandrift.server.unit;

import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.BackgroundCallback;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.Stat;

/**
 * Units' states in ZooKeeper: the znode {@code unit} beneath the volume's, so that it goes when the
 * volume is deleted. ZooKeeper answers a write once a majority of its members has it on disk, which
 * is what APTPL asks for. The clock is ZooKeeper's own: the transaction id.
 */
final class UnitZnodes implements UnitRegister, ClusterMembers {

  /** Curator tries again within this; then the outcome is unknown. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private final CuratorFramework zookeeper;
  private final Duration answerLimit;

  UnitZnodes(CuratorFramework zookeeper) {
    this(zookeeper, ANSWER_LIMIT);
  }

  UnitZnodes(CuratorFramework zookeeper, Duration answerLimit) {
    this.zookeeper = zookeeper;
    this.answerLimit = answerLimit;
  }

  @Override
  public CompletableFuture<Optional<Entry>> read(VolumeName volume) {
    String path = path(volume);
    return sync(path)
        .thenCompose(
            synced -> perform(callback -> zookeeper.getData().inBackground(callback).forPath(path)))
        .thenApply(
            event -> {
              if (code(event) == Code.NONODE) {
                return Optional.empty();
              }
              expectOk(event);
              return Optional.of(new Entry(event.getData(), event.getStat().getMzxid()));
            });
  }

  /** A revision is one more than the znode's version. */
  @Override
  public CompletableFuture<Boolean> compareAndSet(
      VolumeName volume, long revision, byte[] content) {
    String path = path(volume);
    CompletableFuture<CuratorEvent> written =
        revision == 0
            ? perform(callback -> zookeeper.create().inBackground(callback).forPath(path, content))
            : perform(
                callback ->
                    zookeeper
                        .setData()
                        .withVersion(Math.toIntExact(revision - 1))
                        .inBackground(callback)
                        .forPath(path, content));
    return written.thenApply(
        event ->
            switch (code(event)) {
              case OK -> true;
              case BADVERSION, NODEEXISTS, NONODE -> false;
              default -> throw failure(event);
            });
  }

  @Override
  public CompletableFuture<Map<ServerId, Long>> list() {
    return sync(Membership.SERVERS)
        .thenCompose(
            synced ->
                perform(
                    callback ->
                        zookeeper.getChildren().inBackground(callback).forPath(Membership.SERVERS)))
        .thenCompose(
            event -> {
              if (code(event) == Code.NONODE) {
                return CompletableFuture.completedFuture(Map.of());
              }
              expectOk(event);
              Map<ServerId, Long> members = new ConcurrentHashMap<>();
              List<CompletableFuture<Void>> all = new ArrayList<>();
              for (String child : event.getChildren()) {
                ServerId id = new ServerId(child);
                all.add(
                    stat(id)
                        .thenAccept(
                            stat -> stat.ifPresent(found -> members.put(id, found.getCzxid()))));
              }
              return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                  .thenApply(done -> Map.copyOf(members));
            });
  }

  @Override
  public CompletableFuture<Optional<Long>> find(ServerId server) {
    return sync(Membership.SERVERS)
        .thenCompose(synced -> stat(server))
        .thenApply(stat -> stat.map(Stat::getCzxid));
  }

  private CompletableFuture<Optional<Stat>> stat(ServerId server) {
    return perform(
            callback ->
                zookeeper
                    .checkExists()
                    .inBackground(callback)
                    .forPath(Membership.SERVERS + "/" + server))
        .thenApply(
            event -> {
              if (code(event) == Code.NONODE) {
                return Optional.empty();
              }
              expectOk(event);
              return Optional.ofNullable(event.getStat());
            });
  }

  /**
   * The server that this client is connected to catches up with the leader; one that is cut off
   * from it doesn't answer.
   */
  private CompletableFuture<Void> sync(String path) {
    return perform(callback -> zookeeper.sync().inBackground(callback).forPath(path))
        .thenAccept(UnitZnodes::expectOk);
  }

  private interface Operation {
    void begin(BackgroundCallback callback) throws Exception;
  }

  private CompletableFuture<CuratorEvent> perform(Operation operation) {
    CompletableFuture<CuratorEvent> answer = new CompletableFuture<>();
    try {
      operation.begin((client, event) -> answer.complete(event));
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      answer.completeExceptionally(e);
    }
    return answer.orTimeout(answerLimit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Code code(CuratorEvent event) {
    return Code.get(event.getResultCode());
  }

  private static void expectOk(CuratorEvent event) {
    if (code(event) != Code.OK) {
      throw failure(event);
    }
  }

  private static UnitsException failure(CuratorEvent event) {
    return new UnitsException(
        "ZooKeeper at " + event.getPath(), KeeperException.create(code(event)));
  }

  private static String path(VolumeName volume) {
    return ZooKeeperVolumeCatalog.path(volume) + "/unit";
  }
}
