package io.sandrift.server.node;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.zookeeper.server.embedded.ExitHandler;
import org.apache.zookeeper.server.embedded.ZooKeeperServerEmbedded;

/**
 * A ZooKeeper of one member inside this process, for the server that has no ensemble: on the
 * loopback interface only, without its admin server and four-letter words, its transactions synced
 * to disk. Started and closed by the node's thread.
 */
final class EmbeddedZooKeeper implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(20);

  private final ZooKeeperServerEmbedded server;

  private EmbeddedZooKeeper(ZooKeeperServerEmbedded server) {
    this.server = server;
  }

  /**
   * Starts it.
   *
   * @param directory where it keeps its data; made if missing
   * @param port 0 for any free one
   * @throws StartupException if the port is taken, or its data can't be read
   */
  static EmbeddedZooKeeper start(Path directory, int port) throws StartupException {
    Properties configuration = new Properties();
    configuration.setProperty("dataDir", directory.resolve("data").toString());
    configuration.setProperty("clientPort", Integer.toString(port));
    configuration.setProperty("clientPortAddress", "127.0.0.1");
    configuration.setProperty("tickTime", "1000");
    configuration.setProperty("minSessionTimeout", "2000");
    configuration.setProperty("maxSessionTimeout", "120000");
    configuration.setProperty("maxClientCnxns", "0");
    configuration.setProperty("admin.enableServer", "false");
    configuration.setProperty("4lw.commands.whitelist", "none");
    configuration.setProperty("autopurge.snapRetainCount", "3");
    configuration.setProperty("autopurge.purgeInterval", "24");
    // The log grows in steps of 64 MiB otherwise; a catalog needs a few hundred KiB.
    System.setProperty("zookeeper.preAllocSize", "1024");
    try {
      requireFree(port);
      PrivateFile.createDirectory(directory);
      removeOldConfigurations(directory);
      ZooKeeperServerEmbedded server =
          ZooKeeperServerEmbedded.builder()
              .baseDir(directory)
              .configuration(configuration)
              .exitHandler(ExitHandler.LOG_ONLY)
              .build();
      try {
        server.start(START_LIMIT.toMillis());
      } catch (Exception e) {
        server.close();
        throw e;
      }
      return new EmbeddedZooKeeper(server);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted while the ZooKeeper inside started", e);
    } catch (Exception e) {
      throw new StartupException(
          "the ZooKeeper inside couldn't start on 127.0.0.1:"
              + port
              + " with its data in "
              + directory
              + " ("
              + e
              + "); if the port is taken, choose another zookeeper.embedded-port, 0 is any free"
              + " one",
          e);
    }
  }

  /**
   * ZooKeeper writes its configuration into a new file at each start, and leaves the old ones
   * there.
   */
  private static void removeOldConfigurations(Path directory) throws IOException {
    try (DirectoryStream<Path> old =
        Files.newDirectoryStream(directory, "zookeeper.configuration*.properties")) {
      for (Path file : old) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** ZooKeeper itself notices a taken port only by never becoming ready. */
  private static void requireFree(int port) throws IOException {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
  }

  /** Where clients connect: {@code 127.0.0.1:port}. */
  String connectString() {
    return "127.0.0.1:" + server.getClientPort();
  }

  /** Stops it. May be called twice. */
  @Override
  public void close() {
    server.close();
  }
}
