package io.sandrift.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("M6")
@Timeout(90)
class MastershipTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final ServerId A = new ServerId("server-a");
  private static final ServerId B = new ServerId("server-b");

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final List<String> elections = new CopyOnWriteArrayList<>();
  private TestingServer server;
  private CuratorFramework zookeeper;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
    zookeeper.start();
  }

  @AfterEach
  void stop() throws Exception {
    zookeeper.close();
    thread.shutdownNow();
    server.close();
  }

  @Test
  void theFirstIsTheMasterAndAllSeeIt() throws Exception {
    try (Mastership first = started(A);
        Mastership second = mastership(B)) {
      second.start();
      Awaitility.await().atMost(PATIENCE).until(() -> second.current().isPresent());
      assertThat(second.current().orElseThrow().server()).isEqualTo(A);
      assertThat(second.current().orElseThrow().epoch()).isEqualTo(first.ownEpoch());
      assertThat(second.ownEpoch()).isZero();
    }
  }

  @Test
  void whoFollowsHasAHigherEpochAndVoidsTheOldOnesDecisions() throws Exception {
    Mastership first = started(A);
    long before = first.ownEpoch();
    try (Mastership second = mastership(B)) {
      second.start();
      Awaitility.await().atMost(PATIENCE).until(() -> second.current().isPresent());
      assertThat(second.accept(before)).isTrue();
      first.close();
      Awaitility.await().atMost(PATIENCE).until(() -> second.ownEpoch() != 0);
      assertThat(second.ownEpoch()).isGreaterThan(before);
      assertThat(second.accept(before)).isFalse();
    }
  }

  @Test
  void aMasterThatHearsOfAHigherEpochIsNone() throws Exception {
    try (Mastership paused = started(A)) {
      assertThat(paused.accept(paused.ownEpoch() + 1)).isTrue();
      assertThat(paused.ownEpoch()).isZero();
    }
  }

  @Test
  void anElectionIsToldWithWhomItFollowed() throws Exception {
    Mastership first = started(A);
    long before = first.ownEpoch();
    try (Mastership second = mastership(B)) {
      second.start();
      Awaitility.await().atMost(PATIENCE).until(() -> second.current().isPresent());
      first.close();
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(elections)
                      .containsExactly(
                          "none then server-a", "server-a of epoch " + before + " then server-b"));
    }
  }

  private Mastership mastership(ServerId id) {
    return new Mastership(
        zookeeper,
        id,
        thread,
        (before, now) ->
            elections.add(
                before.map(master -> master.server() + " of epoch " + master.epoch()).orElse("none")
                    + " then "
                    + now.server()));
  }

  private Mastership started(ServerId id) throws Exception {
    Mastership mastership = mastership(id);
    mastership.start();
    Awaitility.await().atMost(PATIENCE).until(() -> mastership.ownEpoch() != 0);
    return mastership;
  }
}
