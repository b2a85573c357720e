package io.sandrift.server.unit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("S11")
@Timeout(120)
class UnitZnodesTest {

  private static final VolumeName NAME = new VolumeName("demo");
  private static final ServerId SERVER = new ServerId("server-1");

  private TestingServer server;
  private CuratorFramework zookeeper;
  private ZooKeeperVolumeCatalog catalog;
  private UnitZnodes znodes;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper =
        CuratorFrameworkFactory.newClient(
            server.getConnectString(), 30_000, 10_000, new RetryOneTime(50));
    zookeeper.start();
    catalog = new ZooKeeperVolumeCatalog(zookeeper, Clock.systemUTC());
    catalog.create(VolumeSpec.of(NAME, 1 << 20));
    znodes = new UnitZnodes(zookeeper);
  }

  @AfterEach
  void stop() throws Exception {
    zookeeper.close();
    server.close();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  @Test
  void nothingIsKeptOfAUnitThatWasNeverChanged() throws Exception {
    assertThat(get(znodes.read(NAME))).isEmpty();
  }

  @Test
  void aStateFollowsOnlyTheOneItWasMadeFrom() throws Exception {
    assertThat(get(znodes.compareAndSet(NAME, 0, new byte[] {1}))).isTrue();
    assertThat(get(znodes.compareAndSet(NAME, 0, new byte[] {2}))).isFalse();
    assertThat(get(znodes.compareAndSet(NAME, 1, new byte[] {3}))).isTrue();
    assertThat(get(znodes.compareAndSet(NAME, 1, new byte[] {4}))).isFalse();
    assertThat(get(znodes.read(NAME)))
        .hasValueSatisfying(entry -> assertThat(entry.content()).containsExactly(3));
  }

  @Test
  void theStateOfADeletedVolumeIsGoneAndCannotBeWritten() throws Exception {
    get(znodes.compareAndSet(NAME, 0, new byte[] {1}));
    catalog.delete(NAME);
    assertThat(get(znodes.read(NAME))).isEmpty();
    assertThat(get(znodes.compareAndSet(NAME, 1, new byte[] {2}))).isFalse();
    assertThat(get(znodes.compareAndSet(NAME, 0, new byte[] {2}))).isFalse();
  }

  @Test
  void aMembershipIsNumberedByTheClockThatChangesAreToldBy() throws Exception {
    assertThat(get(znodes.list())).isEmpty();
    get(znodes.compareAndSet(NAME, 0, new byte[] {1}));
    try (Membership membership = new Membership(zookeeper)) {
      membership.watch();
      membership.register(
          new Member(
              SERVER,
              UUID.randomUUID(),
              List.of("127.0.0.1:3260"),
              "127.0.0.1:3261",
              "127.0.0.1:8080",
              1.0,
              Set.of(),
              "1",
              Instant.EPOCH));
      long number = get(znodes.find(SERVER)).orElseThrow();
      assertThat(get(znodes.list())).containsExactlyEntriesOf(Map.of(SERVER, number));
      assertThat(number).isGreaterThan(get(znodes.read(NAME)).orElseThrow().changedAt());
      get(znodes.compareAndSet(NAME, 1, new byte[] {2}));
      assertThat(number).isLessThan(get(znodes.read(NAME)).orElseThrow().changedAt());
    }
    assertThat(get(znodes.find(SERVER))).isEmpty();
  }

  @Test
  void withoutZooKeeperNothingIsKnown() throws Exception {
    server.stop();
    UnitZnodes impatient = new UnitZnodes(zookeeper, Duration.ofMillis(200));
    assertThatThrownBy(() -> get(impatient.read(NAME)));
    assertThatThrownBy(() -> get(impatient.compareAndSet(NAME, 0, new byte[] {1})));
    assertThatThrownBy(() -> get(impatient.find(SERVER)));
  }
}
