package io.sandrift.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.policy.IntakeChange;
import io.sandrift.server.distribution.policy.IntakeState;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
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

@Tag("I7")
@Timeout(90)
class IntakeBoardTest {

  private static final ServerId A = new ServerId("server-a");
  private static final ServerId B = new ServerId("server-b");
  private static final Instant NOW = Instant.ofEpochMilli(1_000_000);

  private final List<IntakeState> heard = new CopyOnWriteArrayList<>();
  private TestingServer server;
  private CuratorFramework zookeeper;
  private IntakeBoard board;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
    zookeeper.start();
    board = new IntakeBoard(zookeeper, heard::add);
    board.start();
  }

  @AfterEach
  void stop() throws Exception {
    board.close();
    zookeeper.close();
    server.close();
  }

  @Test
  void ofTwoThatTakeTheSameIntakeOverOneDoes() throws Exception {
    IntakeState free = IntakeState.initial("gold");
    assertThat(board.change(change(free, free.takenBy(A, NOW)))).isTrue();
    assertThat(board.change(change(free, free.takenBy(B, NOW)))).isFalse();
  }

  @Test
  void aChangeFromAStateThatIsOverIsRefused() throws Exception {
    IntakeState free = IntakeState.initial("gold");
    IntakeState first = free.takenBy(A, NOW);
    IntakeState second = first.takenBy(B, NOW);
    board.change(change(free, first));
    assertThat(board.change(change(first, second))).isTrue();
    assertThat(board.change(change(first, first.givenUp(NOW)))).isFalse();
  }

  @Test
  void whatChangesIsHeard() throws Exception {
    IntakeState free = IntakeState.initial("gold");
    board.change(change(free, free.takenBy(A, NOW)));
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !heard.isEmpty());
    assertThat(heard).containsExactly(free.takenBy(A, NOW));
  }

  private static IntakeChange change(IntakeState before, IntakeState after) {
    return new IntakeChange(IntakeChange.Kind.TAKE_OVER, before, after, "a test", Map.of());
  }
}
