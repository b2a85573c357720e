package io.sandrift.load.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sandrift.load.ensemble.OrderlyExpiry;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Samples;
import io.sandrift.load.view.Availability;
import io.sandrift.load.view.Liveness;
import io.sandrift.load.view.ServerLoad;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.test.TestingServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whole monitors over a real ZooKeeper. */
@Timeout(120)
class LoadMonitorTest {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static TestingServer server;

  @BeforeAll
  static void startZooKeeper() throws Exception {
    server = new TestingServer();
  }

  @AfterAll
  static void stopZooKeeper() throws Exception {
    server.close();
  }

  @Test
  @Tag("S1")
  @Tag("M3")
  void eachMonitorKnowsTheLoadOfEveryServer() {
    try (Server a = new Server("a", 8);
        Server b = new Server("b", 16)) {
      await().atMost(SOON).until(() -> a.sees("b", 0.5) && b.sees("a", 0.25));
      assertThat(a.monitor.get().alive()).hasSize(2);
      assertThat(b.monitor.get().imbalance()).isEqualTo(0.5 / 0.375);
      await().atMost(SOON).until(() -> !a.monitor.trend().isEmpty());
    }
  }

  @Test
  @Tag("I7")
  void aMonitorThatLeavesIsDeadInTheOthersView() {
    try (Server a = new Server("c", 8)) {
      try (Server b = new Server("d", 16)) {
        await().atMost(SOON).until(() -> a.sees("d", 0.5));
      }
      await().atMost(SOON).until(() -> a.liveness("d") == Liveness.DEAD);
    }
  }

  @Test
  void aMonitorThatLostItsSessionIsHeardAndHearsAgain() throws Exception {
    try (Server a = new Server("e", 8);
        Server b = new Server("f", 16)) {
      await().atMost(SOON).until(() -> a.sees("f", 0.5) && b.sees("e", 0.25));
      Instant before = Instant.now();
      b.zookeeper.getZookeeperClient().getZooKeeper().getTestable().injectSessionExpiration();
      await()
          .atMost(SOON)
          .until(
              () ->
                  a.hasHeard("f", before.plusSeconds(1)) && b.hasHeard("e", before.plusSeconds(1)));
      await().atMost(SOON).until(() -> a.liveness("f") == Liveness.ALIVE);
    }
  }

  /** A monitor with a made-up load. */
  private static final class Server implements AutoCloseable {

    final CuratorFramework zookeeper =
        CuratorFrameworkFactory.builder()
            .connectString(server.getConnectString())
            .sessionTimeoutMs(5_000)
            .connectionTimeoutMs(5_000)
            .retryPolicy(new RetryForever(50))
            .zookeeperFactory(new OrderlyExpiry())
            .build();
    final Membership membership;
    final LoadMonitor monitor;

    Server(String id, double inFlight) {
      zookeeper.start();
      Member self =
          new Member(
              new ServerId(id),
              UUID.randomUUID(),
              List.of("127.0.0.1:3260"),
              "127.0.0.1:3270",
              "127.0.0.1:8480",
              1,
              Set.of(),
              "0.1.0",
              Samples.NOON);
      membership = new Membership(zookeeper);
      AtomicLong sequence = new AtomicLong();
      monitor =
          new LoadMonitor(
              zookeeper,
              membership,
              self.id(),
              () -> Samples.of(id, sequence.incrementAndGet(), Instant.now(), inFlight, 32, 0, 0),
              PressureFormula.DEFAULT,
              Availability.EVERYTHING,
              Clock.systemUTC());
      membership.watch();
      membership.register(self);
      monitor.start();
    }

    boolean sees(String other, double pressure) {
      ServerLoad load = find(other);
      return load != null
          && load.liveness() == Liveness.ALIVE
          && load.pressure().value() == pressure
          && monitor.get().alive().size() == 2;
    }

    boolean hasHeard(String other, Instant after) {
      ServerLoad load = find(other);
      return load != null && load.sample() != null && load.sample().takenAt().isAfter(after);
    }

    @Nullable Liveness liveness(String other) {
      ServerLoad load = find(other);
      return load == null ? null : load.liveness();
    }

    private @Nullable ServerLoad find(String other) {
      return monitor.get().find(new ServerId(other));
    }

    @Override
    public void close() {
      monitor.close();
      membership.close();
      zookeeper.close();
    }
  }
}
