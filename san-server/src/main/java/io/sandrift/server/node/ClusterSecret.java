package io.sandrift.server.node;

import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;

/**
 * What all servers of a cluster know and nobody else: by it they tell each other from strangers.
 * From the file that the settings name, or, without one, made up by the first server and kept in
 * ZooKeeper: whoever can read that can register as a server anyway.
 */
final class ClusterSecret {

  private static final String PATH = "/sandrift/secret";
  private static final int BYTES = 32;
  private static final int MIN_BYTES = 16;

  private ClusterSecret() {}

  /**
   * Finds it.
   *
   * @throws StartupException if the file can't be used, or ZooKeeper doesn't answer
   */
  static byte[] find(NodeSettings settings, CuratorFramework zookeeper) throws StartupException {
    String file = settings.get(ServerSettings.CLUSTER_SECRET_FILE);
    return file.isEmpty() ? inZooKeeper(zookeeper) : ofFile(Path.of(file));
  }

  private static byte[] ofFile(Path file) throws StartupException {
    PrivateFile.requirePrivate(ServerSettings.CLUSTER_SECRET_FILE.key(), file);
    try {
      byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
      if (secret.length < MIN_BYTES) {
        throw new StartupException(
            "cluster.secret-file "
                + file
                + " holds "
                + secret.length
                + " bytes, expected "
                + MIN_BYTES
                + " or more; make one with: head -c 32 /dev/urandom | base64");
      }
      return secret;
    } catch (IOException e) {
      throw new StartupException(
          "cluster.secret-file " + file + " can't be read (" + e + "); check its path and rights",
          e);
    }
  }

  private static byte[] inZooKeeper(CuratorFramework zookeeper) throws StartupException {
    byte[] made = new byte[BYTES];
    new SecureRandom().nextBytes(made);
    byte[] encoded = HexFormat.of().formatHex(made).getBytes(StandardCharsets.US_ASCII);
    try {
      try {
        zookeeper.create().creatingParentsIfNeeded().forPath(PATH, encoded);
        return encoded;
      } catch (KeeperException.NodeExistsException e) {
        return zookeeper.getData().forPath(PATH);
      }
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new StartupException(
          "the cluster's secret at " + PATH + " can't be read (" + e + "); check ZooKeeper", e);
    }
  }
}
