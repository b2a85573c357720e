package io.sandrift.server.distribution;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.time.Instant;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class DrainFlagsTest {

  private static final ServerId A = new ServerId("server-a");
  private static final Instant EMPTIED = Instant.ofEpochMilli(1_000_000);

  private TestingServer server;
  private CuratorFramework zookeeper;
  private DrainFlags flags;

  /** Another server's. */
  private DrainFlags others;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
    zookeeper.start();
    flags = new DrainFlags(zookeeper);
    flags.start();
    others = new DrainFlags(zookeeper);
    others.start();
  }

  @AfterEach
  void stop() throws Exception {
    others.close();
    flags.close();
    zookeeper.close();
    server.close();
  }

  @Test
  void everyServerKnowsWhoAskedAndWhenItWasEmpty() {
    flags.set(A, "ann");
    flags.emptied(A, EMPTIED);
    eventually(
        () -> {
          assertThat(others.find(A)).isNotNull();
          assertThat(others.find(A).by()).isEqualTo("ann");
          assertThat(others.find(A).emptied()).isEqualTo(EMPTIED);
        });
  }

  @Test
  void whoAsksAgainIsNotWhoAsked() throws Exception {
    flags.set(A, "ann");
    flags.emptied(A, EMPTIED);
    others.set(A, "bob");
    assertThat(new String(zookeeper.getData().forPath(DrainFlags.DRAINING + "/" + A), UTF_8))
        .contains("ann", String.valueOf(EMPTIED.toEpochMilli()))
        .doesNotContain("bob");
  }

  @Test
  void aServerThatServesSessionsAfterAllIsNotEmpty() {
    flags.set(A, "ann");
    flags.emptied(A, EMPTIED);
    eventually(() -> assertThat(others.find(A).emptied()).isEqualTo(EMPTIED));
    flags.emptied(A, null);
    eventually(() -> assertThat(others.find(A).emptied()).isNull());
  }

  @Test
  void whatEndsIsForgottenByAll() {
    flags.set(A, "ann");
    eventually(() -> assertThat(others.isDraining(A)).isTrue());
    flags.clear(A);
    eventually(() -> assertThat(others.isDraining(A)).isFalse());
    flags.emptied(A, EMPTIED);
    assertThat(others.isDraining(A)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "set by hand", "{}"})
  void aFlagHoldsWhateverStandsInIt(String data) throws Exception {
    zookeeper
        .create()
        .creatingParentsIfNeeded()
        .forPath(DrainFlags.DRAINING + "/" + A, data.getBytes(UTF_8));
    eventually(() -> assertThat(flags.isDraining(A)).isTrue());
    assertThat(flags.find(A).by()).isEmpty();
    flags.emptied(A, EMPTIED);
    eventually(() -> assertThat(others.find(A).emptied()).isEqualTo(EMPTIED));
  }

  private static void eventually(ThrowingRunnable claim) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .ignoreException(NullPointerException.class)
        .untilAsserted(claim);
  }
}
