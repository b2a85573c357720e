package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReservationZnodeTest {

  private static final VolumeName NAME = new VolumeName("demo");

  private TestingServer server;
  private CuratorFramework zookeeper;
  private ZooKeeperVolumeCatalog catalog;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper =
        CuratorFrameworkFactory.newClient(
            server.getConnectString(), 5_000, 2_000, new RetryOneTime(50));
    zookeeper.start();
    catalog = new ZooKeeperVolumeCatalog(zookeeper, Clock.systemUTC());
    catalog.create(VolumeSpec.of(NAME, 1 << 20));
  }

  @AfterEach
  void stop() throws Exception {
    zookeeper.close();
    server.close();
  }

  @Test
  void whatWasNeverSavedIsEmpty() {
    assertThat(new ReservationZnode(zookeeper, NAME).load()).isEmpty();
  }

  @Test
  void theLastSaveIsWhatAnotherServerLoads() throws Exception {
    ReservationZnode journal = new ReservationZnode(zookeeper, NAME);
    assertThat(save(journal, new byte[] {1})).isTrue();
    assertThat(save(journal, new byte[] {2, 3})).isTrue();
    assertThat(new ReservationZnode(zookeeper, NAME).load())
        .hasValueSatisfying(saved -> assertThat(saved).containsExactly(2, 3));
  }

  @Test
  void reservationsOfADeletedVolumeAreGoneAndCantBeSaved() throws Exception {
    ReservationZnode journal = new ReservationZnode(zookeeper, NAME);
    save(journal, new byte[] {1});
    catalog.delete(NAME);
    assertThat(journal.load()).isEmpty();
    assertThat(save(journal, new byte[] {2})).isFalse();
  }

  @Test
  void withoutZooKeeperASaveIsNotDurable() throws Exception {
    server.stop();
    assertThat(save(new ReservationZnode(zookeeper, NAME), new byte[] {1})).isFalse();
  }

  private static boolean save(ReservationZnode journal, byte[] bytes) throws Exception {
    CompletableFuture<Boolean> saved = new CompletableFuture<>();
    journal.save(bytes, saved::complete);
    return saved.get(20, TimeUnit.SECONDS);
  }
}
