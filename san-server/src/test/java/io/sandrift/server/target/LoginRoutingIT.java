package io.sandrift.server.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.server.login.LoginQuery;
import io.sandrift.server.session.Session;
import io.sandrift.server.trace.Trace;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What comes of a login whose place is decided while it waits. */
@Timeout(60)
class LoginRoutingIT {

  private static final InitiatorOptions HASTY =
      InitiatorOptions.DEFAULT.withTimeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20));

  @TempDir Path first;
  @TempDir Path second;

  @Test
  void aLoginWaitsForTheDecisionAndIsServedHere() throws Exception {
    try (TestTarget target = TestTarget.start(first);
        Initiator initiator = new Initiator(HASTY)) {
      routeTo(target, new LoginRoute.Here("0123456789ab", Trace.NONE));
      try (BlockDevice disk = initiator.open(url(target))) {
        assertThat(disk.sizeBytes()).isEqualTo(64L << 20);
        assertThat(target.target().listSessions())
            .extracting(session -> session.identity().id())
            .containsExactly("0123456789ab");
      }
    }
  }

  @Test
  @Tag("S7")
  void aLoginIsRedirectedWhereTheDecisionSays() throws Exception {
    try (TestTarget reached = TestTarget.start(first);
        TestTarget selected = TestTarget.start(second);
        Initiator initiator = new Initiator(HASTY)) {
      routeTo(reached, new LoginRoute.Redirect(address(selected), Trace.NONE));
      try (BlockDevice disk = initiator.open(url(reached))) {
        assertThat(disk.info().portal()).endsWith(":" + selected.portal().getPort());
        assertThat(reached.target().listSessions()).isEmpty();
      }
    }
  }

  @Test
  @Tag("M2")
  @Tag("I4")
  void aRelayedConnectionCarriesDataBothWays() throws Exception {
    long seed = System.nanoTime();
    System.out.println("LoginRoutingIT: seed " + seed);
    byte[] written = new byte[8 << 20];
    new Random(seed).nextBytes(written);
    try (TestTarget reached = TestTarget.start(first);
        TestTarget selected = TestTarget.start(second);
        Initiator initiator = new Initiator(HASTY)) {
      routeTo(reached, new LoginRoute.Relay(address(selected), () -> {}, Trace.NONE));
      try (BlockDevice disk = initiator.open(url(reached))) {
        disk.write(0, ByteBuffer.wrap(written));
        ByteBuffer read = ByteBuffer.allocate(written.length);
        disk.read(0, read);
        assertThat(read.array()).isEqualTo(written);
        assertThat(disk.info().portal()).endsWith(":" + reached.portal().getPort());
        assertThat(reached.target().listSessions()).isEmpty();
        assertThat(selected.target().listSessions()).hasSize(1);
      }
    }
  }

  @Test
  void aLoginThatCannotBeRelayedIsRefusedForNow() throws Exception {
    try (TestTarget reached = TestTarget.start(first);
        TestTarget gone = TestTarget.start(second);
        Initiator initiator = new Initiator(HASTY)) {
      TargetAddress address = address(gone);
      gone.close();
      routeTo(reached, new LoginRoute.Relay(address, () -> {}, Trace.NONE));
      assertThatThrownBy(() -> initiator.open(url(reached)))
          .hasMessageContaining("can't serve the login now");
    }
  }

  /** Every login is decided a moment later, on another thread. */
  private static void routeTo(TestTarget target, LoginRoute route) {
    target
        .target()
        .distributeBy(
            new ClientDistribution() {
              @Override
              public CompletableFuture<LoginRoute> route(LoginQuery query, Target wanted) {
                return CompletableFuture.supplyAsync(
                    () -> route, CompletableFuture.delayedExecutor(20, TimeUnit.MILLISECONDS));
              }

              @Override
              public void began(Session session) {}

              @Override
              public void ended(Session session) {}
            });
  }

  private static TargetAddress address(TestTarget target) {
    return new TargetAddress("127.0.0.1", target.portal().getPort());
  }

  private static DeviceUrl url(TestTarget target) throws Exception {
    return DeviceUrl.parse(
        "iscsi://127.0.0.1:" + target.portal().getPort() + "/" + TestTarget.NAME + "/0");
  }
}
