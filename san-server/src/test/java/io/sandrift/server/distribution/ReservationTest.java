package io.sandrift.server.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.login.Authentication;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import io.sandrift.server.target.PresentedTargets;
import io.sandrift.server.target.Target;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server says when it is asked to expect a client. */
@Timeout(60)
class ReservationTest {

  private static final ServerId MASTER = new ServerId("server-b");
  private static final String TARGET = "iqn.2026-11.io.sandrift:v";

  private final PresentedTargets targets = new PresentedTargets();
  private final Line line = new Line();
  private final Alone surroundings = new Alone();
  private CuratorFramework zookeeper;
  private Distribution distribution;

  @BeforeEach
  void make() {
    // Never started: what is asked here needs no ZooKeeper.
    zookeeper = CuratorFrameworkFactory.newClient("127.0.0.1:1", new RetryOneTime(1));
    distribution =
        new Distribution(
            surroundings,
            targets,
            zookeeper,
            line,
            new DistributionLimits(
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                10),
            Clock.systemUTC());
    targets.publish(
        new Target(
            TARGET,
            "v",
            "default",
            new Authentication.NotRequired(),
            (nexus, trace, loop, onFenced) -> new CompletableFuture<>()));
  }

  @AfterEach
  void close() {
    distribution.close();
  }

  @Test
  @Tag("M5")
  void aPlaceIsKeptAndCountsAtOnce() throws Exception {
    assertThat(reserve(1).ok()).isTrue();
    assertThat(surroundings.expected)
        .singleElement()
        .satisfies(expected -> assertThat(expected.pressure()).isEqualTo(0.1));
  }

  @Test
  @Tag("M6")
  void whatAnEarlierMasterDecidedIsRefused() throws Exception {
    assertThat(reserve(7).ok()).isTrue();
    Wire.Done late = reserve(6);
    assertThat(late.ok()).isFalse();
    assertThat(late.detail()).isEqualTo("the master of epoch 6 is the master no longer");
    assertThat(reserve(7).ok()).isTrue();
  }

  @Test
  @Tag("M5")
  void noPlaceIsKeptForATargetThatIsNotPresentedYet() throws Exception {
    targets.withdraw(TARGET);
    assertThat(reserve(0).detail()).contains("not presented here yet");
  }

  private Wire.Done reserve(long epoch) throws Exception {
    Assignment decision =
        new Assignment(
            0,
            Assignment.Kind.ALLOCATION,
            "s",
            "c",
            "v",
            "default",
            MASTER.value(),
            Alone.SELF.value(),
            "master",
            MASTER.value(),
            "a test",
            Map.of(),
            "");
    Wire.Who who = new Wire.Who("s", "iqn.2026-11.com.example:c", "800000000001", TARGET, "");
    byte[] answer =
        line.ask(Wire.RESERVE, Mesh.bytes(new Wire.Reservation(who, 10_000, 0.1, epoch, decision)));
    return Mesh.read(answer, Wire.Done.class);
  }

  /** What another server says arrives here; nobody else can be reached. */
  private static final class Line implements PeerCalls {
    private final Map<String, Handler> handlers = new HashMap<>();

    byte[] ask(String topic, byte[] request) throws Exception {
      return handlers.get(topic).handle(MASTER, request).get(30, TimeUnit.SECONDS);
    }

    @Override
    public CompletableFuture<byte[]> call(
        ServerId server, String topic, byte[] request, Duration deadline) {
      return CompletableFuture.failedFuture(
          new PeerException(PeerException.Reason.REFUSED, "nobody is there"));
    }

    @Override
    public void serve(String topic, Handler handler) {
      handlers.put(topic, handler);
    }
  }
}
