package io.sandrift.server.node;

import io.sandrift.server.block.NexusEpochs;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The epochs of nexuses in ZooKeeper: a znode for each nexus of a volume, written by each login.
 * Its epoch is the number of that write in ZooKeeper's own order (the znode's mzxid), so that it
 * grows whatever becomes of the znode in between.
 *
 * <p>The znode goes when the nexus leaves in order, and with its volume.
 */
final class NexusEpochZnodes implements NexusEpochs {

  private static final Logger log = LoggerFactory.getLogger(NexusEpochZnodes.class);
  private static final String NEXUSES = "/sandrift/nexuses";

  private final CuratorFramework zookeeper;
  private final byte[] server;

  /**
   * @param server this server's name, for people who look
   */
  NexusEpochZnodes(CuratorFramework zookeeper, String server) {
    this.zookeeper = zookeeper;
    this.server = server.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public CompletableFuture<Long> take(Volume volume, String nexus) {
    CompletableFuture<Long> taken = new CompletableFuture<>();
    set(path(volume.id(), nexus), taken);
    return taken;
  }

  @Override
  public CompletableFuture<Boolean> isCurrent(Volume volume, String nexus, long epoch) {
    String path = path(volume.id(), nexus);
    CompletableFuture<Boolean> known = new CompletableFuture<>();
    try {
      // A member of the ensemble that is behind must not say that nothing has happened.
      zookeeper
          .sync()
          .inBackground(
              (client, synced) -> {
                Code code = Code.get(synced.getResultCode());
                if (code == Code.OK) {
                  compare(path, epoch, known);
                } else {
                  known.completeExceptionally(failure(path, code));
                }
              })
          .forPath(path);
    } catch (Exception e) {
      known.completeExceptionally(e);
    }
    return known;
  }

  private void compare(String path, long epoch, CompletableFuture<Boolean> known) {
    try {
      zookeeper
          .checkExists()
          .inBackground(
              (client, event) -> {
                Code code = Code.get(event.getResultCode());
                if (code == Code.NONODE) {
                  known.complete(false);
                } else if (code == Code.OK) {
                  known.complete(event.getStat().getMzxid() == epoch);
                } else {
                  known.completeExceptionally(failure(path, code));
                }
              })
          .forPath(path);
    } catch (Exception e) {
      known.completeExceptionally(e);
    }
  }

  @Override
  public void release(Volume volume, String nexus, long epoch) {
    String path = path(volume.id(), nexus);
    try {
      zookeeper
          .checkExists()
          .inBackground(
              (client, event) -> {
                Stat stat = event.getStat();
                if (stat != null && stat.getMzxid() == epoch) {
                  client
                      .delete()
                      .withVersion(stat.getVersion())
                      .inBackground((again, deleted) -> log.debug("{} is released", path))
                      .forPath(path);
                }
              })
          .forPath(path);
    } catch (Exception e) {
      // It is a small znode, and the next login of this nexus takes it over.
      log.debug("{} was not released: {}", path, e.toString());
    }
  }

  /** Forgets all nexuses of a volume that was deleted. Blocks. */
  void forget(VolumeId volume) {
    try {
      zookeeper.delete().quietly().deletingChildrenIfNeeded().forPath(NEXUSES + "/" + volume);
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      log.debug("the nexuses of volume {} stay in ZooKeeper: {}", volume, e.toString());
    }
  }

  private void set(String path, CompletableFuture<Long> taken) {
    try {
      zookeeper
          .setData()
          .inBackground(
              (client, event) -> {
                if (Code.get(event.getResultCode()) == Code.NONODE) {
                  create(path, taken);
                } else {
                  finish(path, event, taken);
                }
              })
          .forPath(path, server);
    } catch (Exception e) {
      taken.completeExceptionally(e);
    }
  }

  private void create(String path, CompletableFuture<Long> taken) {
    try {
      zookeeper
          .create()
          .storingStatIn(new Stat())
          .creatingParentsIfNeeded()
          .inBackground(
              (client, event) -> {
                if (Code.get(event.getResultCode()) == Code.NODEEXISTS) {
                  set(path, taken);
                } else {
                  finish(path, event, taken);
                }
              })
          .forPath(path, server);
    } catch (Exception e) {
      taken.completeExceptionally(e);
    }
  }

  private static void finish(String path, CuratorEvent event, CompletableFuture<Long> taken) {
    Code code = Code.get(event.getResultCode());
    if (code == Code.OK) {
      taken.complete(event.getStat().getMzxid());
    } else {
      taken.completeExceptionally(failure(path, code));
    }
  }

  private static CatalogException failure(String path, Code code) {
    return new CatalogException(
        "ZooKeeper doesn't answer for " + path + " (" + code + "); check that it runs");
  }

  private static String path(VolumeId volume, String nexus) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(nexus.getBytes(StandardCharsets.UTF_8));
      return NEXUSES + "/" + volume + "/" + HexFormat.of().formatHex(digest, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
