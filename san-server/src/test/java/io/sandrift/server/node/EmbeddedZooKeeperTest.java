package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EmbeddedZooKeeperTest {

  @TempDir Path directory;

  @Test
  void whatItHoldsSurvivesARestart() throws Exception {
    try (EmbeddedZooKeeper zookeeper = EmbeddedZooKeeper.start(directory, 0);
        CuratorFramework client = client(zookeeper)) {
      client.create().forPath("/kept", new byte[] {7});
    }
    try (EmbeddedZooKeeper zookeeper = EmbeddedZooKeeper.start(directory, 0);
        CuratorFramework client = client(zookeeper)) {
      assertThat(client.getData().forPath("/kept")).containsExactly(7);
    }
  }

  @Test
  void aTakenPortIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      int port = taken.getLocalPort();
      assertThatThrownBy(() -> EmbeddedZooKeeper.start(directory, port))
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("127.0.0.1:" + port)
          .hasMessageContaining("zookeeper.embedded-port");
    }
  }

  @Test
  void whatItKeepsIsItsOwnersAlone() throws Exception {
    try (EmbeddedZooKeeper zookeeper = EmbeddedZooKeeper.start(directory, 0)) {
      assertThat(zookeeper.connectString()).isNotEmpty();
      assertThat(Files.getPosixFilePermissions(directory))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }
  }

  @Test
  void closingItTwiceIsAllowed() throws Exception {
    EmbeddedZooKeeper zookeeper = EmbeddedZooKeeper.start(directory, 0);
    zookeeper.close();
    zookeeper.close();
  }

  private static CuratorFramework client(EmbeddedZooKeeper zookeeper) {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(zookeeper.connectString(), new RetryOneTime(100));
    client.start();
    return client;
  }
}
