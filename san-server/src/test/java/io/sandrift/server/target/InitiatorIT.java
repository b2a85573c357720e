package io.sandrift.server.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.server.session.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The initiator on its way to a target: by lists, redirections, lost connections and requests to
 * leave.
 */
@Timeout(120)
class InitiatorIT {

  private static final int BLOCK = 4096;

  @TempDir Path directory;

  private final Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
  private TestTarget target;

  @BeforeEach
  void start() throws Exception {
    target = TestTarget.start(directory);
  }

  @AfterEach
  void stop() {
    initiator.close();
    target.close();
  }

  @Test
  @Tag("I11")
  void theFirstPortalOfTheListThatAnswersIsUsed() throws Exception {
    try (BlockDevice device = initiator.open(TestTarget.url("127.0.0.1:1," + portal()))) {
      assertThat(device.info().portal()).isEqualTo(portal());
    }
  }

  @Test
  @Tag("I11")
  void aTemporaryRedirectionIsFollowedForOneLoginOnly() throws Exception {
    try (Portal moved = Portal.redirecting(LoginStatus.TARGET_MOVED_TEMPORARILY, this::portal);
        BlockDevice device = initiator.open(TestTarget.url(moved.address()))) {
      assertThat(device.info().portal()).isEqualTo(portal());
      dropAllSessions();
      writeAndReadBack(device);
      assertThat(moved.connections())
          .as("the second login began at the list's address again")
          .isEqualTo(2);
    }
  }

  @Test
  @Tag("I11")
  void aPermanentRedirectionIsRemembered() throws Exception {
    try (Portal moved = Portal.redirecting(LoginStatus.TARGET_MOVED_PERMANENTLY, this::portal);
        BlockDevice device = initiator.open(TestTarget.url(moved.address()))) {
      dropAllSessions();
      writeAndReadBack(device);
      assertThat(moved.connections()).isEqualTo(1);
    }
  }

  @Test
  @Tag("I11")
  void redirectionsInACircleAreGivenUp() throws Exception {
    String[] second = new String[1];
    try (Portal one = Portal.redirecting(LoginStatus.TARGET_MOVED_TEMPORARILY, () -> second[0]);
        Portal two = Portal.redirecting(LoginStatus.TARGET_MOVED_TEMPORARILY, one::address)) {
      second[0] = two.address();
      assertThatThrownBy(() -> initiator.open(TestTarget.url(one.address())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in a circle");
    }
  }

  @Test
  void writesSurviveConnectionsThatAreCutAgainAndAgain() throws Exception {
    Random random = new Random(20261121);
    try (Portal cutting = Portal.cutting(target.portal(), () -> 2_000 + random.nextInt(400_000));
        BlockDevice device = openPatiently(TestTarget.url(cutting.address()))) {
      List<CompletableFuture<Void>> writes = new ArrayList<>();
      for (int i = 0; i < 1500; i++) {
        writes.add(device.writeAsync((long) i * BLOCK, stamped(i)));
      }
      CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
      assertThat(cutting.connections()).isGreaterThan(5);
    }
    try (BlockDevice device = initiator.open(target.url())) {
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      for (int i = 0; i < 1500; i++) {
        device.read((long) i * BLOCK, block.clear());
        assertThat(block.clear()).as("block %d", i).isEqualTo(stamped(i));
      }
    }
  }

  @Test
  void aRequestToLogOutIsFollowedWithoutAnErrorUnderLoad() throws Exception {
    try (BlockDevice device = initiator.open(target.url())) {
      for (int round = 0; round < 20; round++) {
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          writes.add(device.writeAsync((long) i * BLOCK, stamped(round * 50 + i)));
          if (i == 25) {
            target
                .target()
                .listSessions()
                .forEach(session -> session.requestLogout(Duration.ofSeconds(5)));
          }
        }
        CompletableFuture.allOf(writes.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
      }
      assertThat(target.target().listSessions().get(0).identity().tsih()).isGreaterThan(10);
    }
  }

  @Test
  void aSessionThatIsSilentForLongStaysBecauseItAnswersThePing() throws Exception {
    target.close();
    target = TestTarget.start(directory, TargetLimits.DEFAULT, Duration.ofMillis(200));
    try (BlockDevice device = initiator.open(target.url())) {
      Session session = target.target().listSessions().get(0);
      await()
          .pollDelay(Duration.ofSeconds(1))
          .atMost(Duration.ofSeconds(5))
          .until(() -> target.target().listSessions().contains(session));
      writeAndReadBack(device);
      assertThat(target.target().listSessions()).containsExactly(session);
    }
  }

  @Test
  void aRequestEndsInTimeWhenTheTargetIsGone() throws Exception {
    InitiatorOptions hasty =
        InitiatorOptions.DEFAULT.withTimeouts(
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(30));
    try (Initiator impatient = new Initiator(hasty);
        BlockDevice device = impatient.open(target.url())) {
      target.target().close();
      assertThatThrownBy(() -> device.write(0, stamped(1)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no answer from the target within 2000 ms");
    }
  }

  @Test
  void closingADeviceFailsWhatIsUnderWayAndLeavesNoSession() throws Exception {
    BlockDevice device = initiator.open(target.url());
    device.close();
    assertThatThrownBy(() -> device.write(0, stamped(1))).isInstanceOf(IOException.class);
    await().atMost(Duration.ofSeconds(10)).until(() -> target.target().listSessions().isEmpty());
  }

  @Test
  void aNewLoginOfTheSameNexusEndsTheOldSessionFirst() throws Exception {
    try (BlockDevice device = initiator.open(target.url())) {
      Session old = target.target().listSessions().get(0);
      old.drop("as a lost connection would");
      writeAndReadBack(device);
      assertThat(old.whenEnded()).isDone();
      assertThat(target.target().listSessions()).hasSize(1).doesNotContain(old);
    }
  }

  private String portal() {
    return "127.0.0.1:" + target.portal().getPort();
  }

  private void dropAllSessions() {
    target.target().listSessions().forEach(session -> session.drop("the test says so"));
  }

  /** The cutting portal may cut the very login. */
  private BlockDevice openPatiently(DeviceUrl url) throws Exception {
    for (int attempt = 1; ; attempt++) {
      try {
        return initiator.open(url);
      } catch (IOException e) {
        if (attempt == 20) {
          throw e;
        }
      }
    }
  }

  private static void writeAndReadBack(BlockDevice device) throws IOException {
    device.write(0, stamped(7));
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    device.read(0, block);
    assertThat(block.clear()).isEqualTo(stamped(7));
  }

  private static ByteBuffer stamped(int number) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (block.hasRemaining()) {
      block.putInt(number);
    }
    return block.flip();
  }
}
