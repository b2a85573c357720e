package io.sandrift.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
@Tag("I2")
@Timeout(120)
class DesignationsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final ExecutorService otherThread = Executors.newSingleThreadExecutor();
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
    thread.shutdownNow();
    otherThread.shutdownNow();
    zookeeper.close();
    server.close();
  }

  @Test
  void theHistoryOutlivesTheServersThatAreInIt() throws Exception {
    try (Designations first = started(thread)) {
      first.add(master(1));
      first.add(master(2));
      finish(thread);
    }
    try (Designations later = started(otherThread)) {
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(times(later)).containsExactly(2L, 1L));
      assertThat(later.newest(1)).containsExactly(master(2));
    }
  }

  @Test
  void twoThatWriteAtOnceAreBothWrittenDown() throws Exception {
    try (Designations one = started(thread);
        Designations other = started(otherThread)) {
      one.add(master(1));
      other.add(master(2));
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(times(one)).containsExactlyInAnyOrder(1L, 2L));
    }
  }

  @Test
  void ofTooManyTheOldestMakeRoom() throws Exception {
    int most = Designations.KEPT;
    try (Designations history = started(thread)) {
      IntStream.rangeClosed(1, most + 2).forEach(at -> history.add(master(at)));
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(times(history)).hasSize(most).startsWith(most + 2L).endsWith(3L));
    }
  }

  private Designations started(Executor waiting) {
    Designations designations = new Designations(zookeeper, waiting);
    designations.start();
    return designations;
  }

  private static void finish(ExecutorService thread) throws InterruptedException {
    thread.shutdown();
    assertThat(thread.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
  }

  private static List<Long> times(Designations designations) {
    return designations.newest(Integer.MAX_VALUE).stream().map(Assignment::atMillis).toList();
  }

  private static Assignment master(long at) {
    return new Assignment(
        at,
        Assignment.Kind.MASTER,
        "",
        "",
        "",
        "",
        "server-1",
        "server-2",
        "election",
        "server-2",
        "server-2 won the election",
        Map.of("epoch", 1.0),
        "");
  }
}
