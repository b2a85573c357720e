package io.sandrift.load.ensemble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.ensemble.Identity.Scheme;
import java.time.Duration;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Ids;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class EnsembleTest {

  private static final Duration SESSION = Duration.ofSeconds(20);
  private static final Identity US = new Identity(Scheme.DIGEST, "sandrift", "a password");
  private static final List<String> PATHS =
      List.of("/sandrift", "/sandrift/volumes", "/sandrift/volumes/a", "/sandrift/servers/one");

  private TestingServer server;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  @Test
  void whatTheClusterKeepsIsForItAlone() throws Exception {
    try (CuratorFramework ours = settled(ensemble(US, false));
        CuratorFramework stranger = started(ensemble(null, false))) {
      fill(ours);
      for (String path : PATHS) {
        assertThat(ours.getACL().forPath(path)).isEqualTo(US.alone());
        assertThatThrownBy(() -> stranger.getData().forPath(path))
            .isInstanceOf(KeeperException.NoAuthException.class);
      }
      assertThatThrownBy(() -> stranger.create().forPath("/sandrift/servers/impostor"))
          .isInstanceOf(KeeperException.NoAuthException.class);
      assertThatThrownBy(() -> stranger.delete().forPath("/sandrift/volumes/a"))
          .isInstanceOf(KeeperException.NoAuthException.class);
    }
  }

  @Test
  void whatAnOpenClusterKeptIsForItAloneOnceItHasAName() throws Exception {
    try (CuratorFramework before = settled(ensemble(null, false))) {
      fill(before);
      assertThat(before.getACL().forPath("/sandrift/volumes/a")).isEqualTo(Ids.OPEN_ACL_UNSAFE);
      try (CuratorFramework ours = settled(ensemble(US, false));
          CuratorFramework again = settled(ensemble(US, false))) {
        for (String path : PATHS) {
          assertThat(ours.getACL().forPath(path)).isEqualTo(US.alone());
        }
        assertThat(again.getData().forPath("/sandrift/volumes/a")).containsExactly(7);
      }
    }
  }

  @Test
  void aClusterThatIsBeingGivenANameStaysOpenToServersThatHaveNone() throws Exception {
    try (CuratorFramework first = settled(ensemble(US, true));
        CuratorFramework second = settled(ensemble(null, false))) {
      fill(first);
      assertThat(second.getData().forPath("/sandrift/volumes/a")).containsExactly(7);
    }
  }

  @Test
  void whatIsForTheClusterAloneCanBeOpenedAgain() throws Exception {
    try (CuratorFramework ours = settled(ensemble(US, false))) {
      fill(ours);
    }
    settled(ensemble(US, true)).close();
    try (CuratorFramework nobody = settled(ensemble(null, false))) {
      assertThat(nobody.getData().forPath("/sandrift/volumes/a")).containsExactly(7);
    }
  }

  @Test
  void whoHasNoNameIsToldThatThereIsOne() throws Exception {
    settled(ensemble(US, false)).create().forPath("/sandrift");
    try (CuratorFramework nobody = started(ensemble(null, false))) {
      assertThatThrownBy(() -> ensemble(null, false).settle(nobody))
          .isInstanceOf(EnsembleException.class)
          .hasMessageContaining("zookeeper.user");
    }
  }

  @Test
  void whoHasAnotherPasswordIsToldSo() throws Exception {
    settled(ensemble(US, false)).create().forPath("/sandrift");
    Ensemble other = ensemble(new Identity(Scheme.DIGEST, "sandrift", "another"), false);
    try (CuratorFramework client = started(other)) {
      assertThatThrownBy(() -> other.settle(client))
          .isInstanceOf(EnsembleException.class)
          .hasMessageContaining("digest:sandrift")
          .hasMessageContaining("password");
    }
  }

  @Test
  void anEnsembleThatKnowsNoSaslIsTold() throws Exception {
    Ensemble sasl = ensemble(new Identity(Scheme.SASL, "sandrift", "a password"), false);
    try (CuratorFramework client = started(sasl)) {
      assertThatThrownBy(() -> sasl.settle(client))
          .isInstanceOf(EnsembleException.class)
          .hasMessageContaining("sasl:sandrift")
          .hasMessageContaining("JAAS");
    }
  }

  @Test
  void thePathOfTheConnectStringIsMade() throws Exception {
    Ensemble below = new Ensemble(server.getConnectString() + "/racks/one", null, US, false);
    try (CuratorFramework client = settled(below);
        CuratorFramework above = started(ensemble(US, false))) {
      fill(client);
      assertThatCode(() -> below.settle(client)).doesNotThrowAnyException();
      assertThat(above.getData().forPath("/racks/one/sandrift/volumes/a")).containsExactly(7);
    }
  }

  @Test
  void aPasswordIsNotShown() {
    assertThat(ensemble(US, false).toString()).contains("digest:sandrift").doesNotContain("a pass");
  }

  private static void fill(CuratorFramework client) throws Exception {
    client.create().creatingParentsIfNeeded().forPath("/sandrift/volumes/a", new byte[] {7});
    client
        .create()
        .creatingParentsIfNeeded()
        .withMode(CreateMode.EPHEMERAL)
        .forPath("/sandrift/servers/one");
  }

  private Ensemble ensemble(@Nullable Identity identity, boolean isOpen) {
    return new Ensemble(server.getConnectString(), null, identity, isOpen);
  }

  private static CuratorFramework settled(Ensemble ensemble) throws Exception {
    CuratorFramework client = started(ensemble);
    ensemble.settle(client);
    return client;
  }

  private static CuratorFramework started(Ensemble ensemble) {
    CuratorFramework client = ensemble.client(SESSION);
    client.start();
    return client;
  }
}
