package io.sandrift.load.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Samples;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryForever;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node's control process with its instances, over real sockets and a real ZooKeeper. */
@Tag("I13")
@Timeout(120)
class NodeMonitorTest {

  private static final Duration SOON = Duration.ofSeconds(60);
  private static TestingServer server;

  private CuratorFramework zookeeper;
  private NodeMonitor monitor;

  @BeforeAll
  static void startZooKeeper() throws Exception {
    server = new TestingServer();
  }

  @AfterAll
  static void stopZooKeeper() throws Exception {
    server.close();
  }

  @BeforeEach
  void start() throws Exception {
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryForever(50));
    zookeeper.start();
    monitor = new NodeMonitor("host-1", loopback(0), zookeeper, Clock.systemUTC());
  }

  @AfterEach
  void stop() {
    monitor.close();
    zookeeper.close();
  }

  @Test
  @Tag("I9")
  void theInstancesOfANodeAreKnownToEachOtherAndToTheCluster() {
    try (ServiceReporter a = new ServiceReporter(loopback(monitor.port()), messages("a", 16));
        ServiceReporter b = new ServiceReporter(loopback(monitor.port()), messages("b", 8));
        NodeDirectory nodes = new NodeDirectory(zookeeper)) {
      nodes.start();
      a.start();
      b.start();
      await()
          .atMost(SOON)
          .until(() -> a.report().filter(node -> node.instances().size() == 2).isPresent());
      await().atMost(SOON).until(() -> nodes.neighbours(new ServerId("a")).size() == 1);
      assertThat(nodes.neighbours(new ServerId("a")).get(0).instance())
          .isEqualTo(new ServerId("b"));
      assertThat(nodes.nodeOf(new ServerId("b"))).map(NodeReport::node).contains("host-1");
      assertThat(a.report().orElseThrow().load()).isEqualTo(0.375);
    }
  }

  @Test
  void aReporterGoesOnWithTheControlProcessThatComesNext() throws Exception {
    byte[] report = ServiceJson.encode(new NodeReport("host-2", Samples.NOON, 0, List.of()));
    try (ServerSocket control = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        ServiceReporter a =
            new ServiceReporter(loopback(control.getLocalPort()), messages("a", 16))) {
      control.setSoTimeout((int) SOON.toMillis());
      a.start();
      control.accept().close();
      try (Socket next = control.accept()) {
        next.setSoTimeout((int) SOON.toMillis());
        byte[] line = new LineReader(next.getInputStream(), ServiceJson.MAX_BYTES).next();
        assertThat(ServiceJson.message(line).instance()).isEqualTo(new ServerId("a"));
        next.getOutputStream().write(report);
        next.getOutputStream().write('\n');
        await().atMost(SOON).until(() -> a.report().isPresent());
      }
    }
  }

  @Test
  void whatIsNoMessageEndsTheConnectionAndNothingElse() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), monitor.port())) {
      socket.setSoTimeout((int) SOON.toMillis());
      socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.UTF_8));
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    try (ServiceReporter a = new ServiceReporter(loopback(monitor.port()), messages("a", 16))) {
      a.start();
      await().atMost(SOON).until(() -> a.report().isPresent());
    }
  }

  @Test
  void otherMachinesAreNotListenedTo() {
    assertThatThrownBy(
            () ->
                new NodeMonitor(
                    "host-1", new InetSocketAddress("0.0.0.0", 0), zookeeper, Clock.systemUTC()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("loopback");
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private static Supplier<Optional<ServiceMessage>> messages(String id, double inFlight) {
    return () ->
        Optional.of(
            new ServiceMessage(
                new ServerId(id),
                OperationalStatus.SERVING,
                Set.of(),
                Samples.of(id, 1, Samples.NOON, inFlight, 32, 0, 0)));
  }
}
