package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.ensemble.Ensemble;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.SettingsReader;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whole servers, with the ZooKeeper inside unless said otherwise. */
@Timeout(60)
class NodeIT {

  private static final VolumeSpec SPEC = VolumeSpec.of(new VolumeName("demo"), 1 << 20);

  @TempDir Path directory;

  @Test
  @Tag("S11")
  void aVolumesPortalsAreOpenWhenItIsOnline() throws Exception {
    try (Node node = node(settings())) {
      Running running = node.start();
      Volume volume = running.catalog().create(SPEC).volume();
      assertThat(running.volumes().awaitOnline(volume, Duration.ofSeconds(10))).isTrue();
      URI url = URI.create(running.volumes().served(volume.id()).urls().get(0));
      new Socket(url.getHost(), url.getPort()).close();
    }
  }

  @Test
  void volumesAreThereAgainAfterARestart() throws Exception {
    Volume volume;
    try (Node node = node(settings())) {
      volume = node.start().catalog().create(SPEC).volume();
    }
    try (Node node = node(settings())) {
      Running running = node.start();
      assertThat(running.catalog().find(SPEC.name())).contains(volume);
      assertThat(running.volumes().served(volume.id()).online()).isTrue();
    }
  }

  @Test
  void theZooKeeperInsideIsForThisServerAlone() throws Exception {
    try (Node node = node(settings());
        CuratorFramework stranger =
            Ensemble.at(node.start().zookeeper()).client(Duration.ofSeconds(10))) {
      stranger.start();
      assertThatThrownBy(() -> stranger.getData().forPath("/sandrift/secret"))
          .isInstanceOf(KeeperException.NoAuthException.class);
      assertThatThrownBy(() -> stranger.getChildren().forPath("/sandrift"))
          .isInstanceOf(KeeperException.NoAuthException.class);
    }
  }

  @Test
  void twoServersOfOneEnsembleSeeEachOther() throws Exception {
    try (TestingServer ensemble = new TestingServer();
        Node first =
            node(
                settings("a").flag(ServerSettings.ZOOKEEPER_CONNECT, ensemble.getConnectString()));
        Node second =
            node(
                settings("b")
                    .flag(ServerSettings.ZOOKEEPER_CONNECT, ensemble.getConnectString()))) {
      assertThat(first.start().self().id()).isNotEqualTo(second.start().self().id());
    }
  }

  @Test
  void aServerIdThatIsTakenInTheClusterIsRefused() throws Exception {
    try (TestingServer ensemble = new TestingServer();
        Node first =
            node(
                settings("a")
                    .flag(ServerSettings.ZOOKEEPER_CONNECT, ensemble.getConnectString())
                    .flag(ServerSettings.SERVER_ID, "twin"));
        Node second =
            node(
                settings("b")
                    .flag(ServerSettings.ZOOKEEPER_CONNECT, ensemble.getConnectString())
                    .flag(ServerSettings.SERVER_ID, "twin"))) {
      first.start();
      assertThatThrownBy(second::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("'twin' is taken");
    }
  }

  @Test
  void aSecondServerOnTheSameDirectoryIsRefused() throws Exception {
    try (Node first = node(settings());
        Node second = node(settings())) {
      first.start();
      assertThatThrownBy(second::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining("in use by another server");
    }
  }

  @Test
  void aTakenPortalIsNamedAndEverythingIsGivenBack() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String portal = "127.0.0.1:" + taken.getLocalPort();
      Node node = node(settings().flag(ServerSettings.PORTALS, portal));
      assertThatThrownBy(node::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining(portal)
          .hasMessageContaining("choose another portal");
    }
    try (Node node = node(settings())) {
      node.start();
    }
  }

  @Test
  void aTakenAdminAddressIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String admin = "127.0.0.1:" + taken.getLocalPort();
      Node node = node(settings().flag(ServerSettings.ADMIN_ADDRESS, admin));
      assertThatThrownBy(node::start)
          .isInstanceOf(StartupException.class)
          .hasMessageContaining(admin);
    }
  }

  @Test
  void anAdminAddressThatOthersReachMustBeAllowed() throws Exception {
    Node node = node(settings().flag(ServerSettings.ADMIN_ADDRESS, "0.0.0.0:0"));
    assertThatThrownBy(node::start)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("admin.allow-remote=true");
    Node inTheOpen =
        node(
            settings()
                .flag(ServerSettings.ADMIN_ADDRESS, "0.0.0.0:0")
                .flag(ServerSettings.ADMIN_ALLOW_REMOTE, "true"));
    assertThatThrownBy(inTheOpen::start)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("admin.insecure=true");
    try (Node allowed =
        node(
            settings()
                .flag(ServerSettings.ADMIN_ADDRESS, "0.0.0.0:0")
                .flag(ServerSettings.ADMIN_ALLOW_REMOTE, "true")
                .flag(ServerSettings.ADMIN_INSECURE, "true"))) {
      allowed.start();
    }
  }

  @Test
  void aHostThatDoesNotExistIsNamed() throws Exception {
    Node node = node(settings().flag(ServerSettings.PORTALS, "no-such-host.invalid:3260"));
    assertThatThrownBy(node::start)
        .isInstanceOf(StartupException.class)
        .hasMessageContaining("no-such-host.invalid");
  }

  @Test
  void closingTwiceOrBeforeTheStartIsAllowed() throws Exception {
    Node node = node(settings());
    node.close();
    node.start();
    node.close();
    node.close();
  }

  private SettingsReader settings() {
    return settings("data");
  }

  private SettingsReader settings(String subdirectory) {
    return new SettingsReader()
        .flag(ServerSettings.DATA_DIR, directory.resolve(subdirectory).toString())
        .flag(ServerSettings.PORTALS, "127.0.0.1:0")
        .flag(ServerSettings.ADMIN_ADDRESS, "127.0.0.1:0");
  }

  private static Node node(SettingsReader settings) throws Exception {
    return new Node(settings.conclude(), "test", volume -> {});
  }
}
