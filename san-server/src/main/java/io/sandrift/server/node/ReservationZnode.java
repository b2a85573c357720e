package io.sandrift.server.node;

import io.sandrift.server.scsi.reservation.ReservationJournal;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import java.util.Optional;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A volume's persistent reservations in ZooKeeper: the znode {@code reservations} beneath the
 * volume's, so that they go when it is deleted. ZooKeeper answers once a majority of its members
 * has the change on disk, which is what APTPL asks for.
 *
 * <p>When the connection breaks during a save, nobody knows whether it was made; it counts as not
 * durable then, and the next one replaces it either way.
 */
final class ReservationZnode implements ReservationJournal {

  private static final Logger log = LoggerFactory.getLogger(ReservationZnode.class);

  private final CuratorFramework zookeeper;
  private final String path;

  ReservationZnode(CuratorFramework zookeeper, VolumeName volume) {
    this.zookeeper = zookeeper;
    this.path = ZooKeeperVolumeCatalog.path(volume) + "/reservations";
  }

  @Override
  public Optional<byte[]> load() {
    try {
      return Optional.of(zookeeper.getData().forPath(path));
    } catch (KeeperException.NoNodeException e) {
      return Optional.empty();
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new CatalogException(
          "could not read " + path + " (" + e + "); check that ZooKeeper runs", e);
    }
  }

  @Override
  public void save(byte[] saved, SaveListener listener) {
    try {
      zookeeper
          .create()
          .orSetData()
          .inBackground(
              (client, event) -> {
                boolean durable = event.getResultCode() == KeeperException.Code.OK.intValue();
                if (!durable) {
                  log.warn("{} was not saved: {}", path, code(event.getResultCode()));
                }
                listener.done(durable);
              })
          .forPath(path, saved);
    } catch (Exception e) {
      log.warn("{} was not saved", path, e);
      listener.done(false);
    }
  }

  private static KeeperException.Code code(int number) {
    return KeeperException.Code.get(number);
  }
}
