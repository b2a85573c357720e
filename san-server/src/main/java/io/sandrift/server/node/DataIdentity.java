package io.sandrift.server.node;

import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;

/**
 * Which data directory a server's partitions are in: a znode for each server, that stays when it
 * stops. A server that starts with another directory (an empty one, because a disk isn't mounted)
 * would find nothing there and answer with zeros; it is refused instead.
 */
final class DataIdentity {

  private static final String DATA = "/sandrift/data";

  private DataIdentity() {}

  /**
   * Makes sure that this is the directory that the cluster knows of this server.
   *
   * @throws StartupException if it is another one and the settings don't say that it replaces that,
   *     or ZooKeeper doesn't answer
   */
  static void verify(
      CuratorFramework zookeeper, ServerId server, UUID dataId, NodeSettings settings)
      throws StartupException {
    String path = DATA + "/" + server;
    byte[] ours = dataId.toString().getBytes(StandardCharsets.US_ASCII);
    try {
      try {
        zookeeper.create().creatingParentsIfNeeded().forPath(path, ours);
        return;
      } catch (KeeperException.NodeExistsException e) {
        // It has been here before.
      }
      String known = new String(zookeeper.getData().forPath(path), StandardCharsets.US_ASCII);
      if (known.equals(dataId.toString())) {
        return;
      }
      if (!settings.get(ServerSettings.STORE_REPLACES).equals(known)) {
        boolean isRegistered =
            zookeeper.checkExists().forPath(Membership.SERVERS + "/" + server) != null;
        throw new StartupException(
            (isRegistered
                    ? "server.id '"
                        + server
                        + "' is taken by a server that is registered now: give this one another, or"
                        + " stop that one. If they are the same: "
                    : "")
                + "server '"
                + server
                + "' had its partitions in data directory "
                + known
                + ", and this is "
                + dataId
                + "; is its disk mounted, and data-dir right? If the old directory is lost for good,"
                + " what was in it is lost: set store.replaces="
                + known
                + " to begin anew with zeros in its place");
      }
      zookeeper.setData().forPath(path, ours);
    } catch (StartupException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new StartupException(
          "the record of this server's data at " + path + " can't be read (" + e + ")", e);
    }
  }
}
