package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.client.ScsiException;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMaps;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three servers, of which one is killed, paused or left without ZooKeeper; each test leaves them
 * all well. Each unit of the volume is a partition of its own.
 */
@Tag("S1")
@Timeout(300)
class ClusterFailuresIT {

  private static final String VOLUME = "failures";
  private static final int UNIT = 1 << 20;
  private static final int BLOCK = 4096;
  private static final int BUSY = 0x08;
  private static final Duration SOON = Duration.ofSeconds(120);

  @TempDir static Path directory;
  private static RunningCluster cluster;

  /** For each server's number, the offset of a unit that it owns. */
  private static final Map<Integer, Long> OFFSETS = new HashMap<>();

  @BeforeAll
  static void start() throws Exception {
    cluster =
        RunningCluster.start(
            3,
            directory,
            "--peer-patience",
            "500ms",
            "--peer-silence",
            "1s",
            "--zookeeper-session-timeout",
            "4s");
    cluster.createVolume(VOLUME, 64L * UNIT);
    try (CuratorFramework zookeeper = zookeeper()) {
      PartitionMap map = new PartitionMaps(zookeeper).find(new VolumeName(VOLUME)).orElseThrow();
      for (int unit = 0; unit < map.size(); unit++) {
        String owner = map.entry(unit).primary().value();
        OFFSETS.putIfAbsent(
            Integer.valueOf(owner.substring("server-".length())), (long) unit * UNIT);
      }
    }
    assertThat(OFFSETS).containsOnlyKeys(1, 2, 3);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Tag("S12")
  @Tag("S13")
  void qemuSeesTheSameBytesThroughEveryServer() throws Exception {
    Tool.require("qemu-img", "qemu-utils qemu-block-extra");
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = open(initiator, 2)) {
      for (long offset : OFFSETS.values()) {
        device.write(offset + BLOCK, block(77));
      }
      device.flush();
    }
    for (int other = 2; other <= 3; other++) {
      assertThat(
              Tool.run(
                      Duration.ofMinutes(2),
                      "qemu-img",
                      "compare",
                      "-f",
                      "raw",
                      "-F",
                      "raw",
                      cluster.server(1).url(VOLUME),
                      cluster.server(other).url(VOLUME))
                  .expectSuccess()
                  .output())
          .contains("Images are identical");
    }
  }

  @Test
  @Tag("S12")
  void aPausedServersPartitionsAreBusyTheOthersGoOnAndSoDoAllOnceItIsBack() throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = open(initiator, 1)) {
      writeAll(device, 1);
      cluster.server(2).pause();
      try {
        CompletableFuture<Void> waiting =
            device.readAsync(OFFSETS.get(2), ByteBuffer.allocate(BLOCK));
        while (!waiting.isDone()) {
          write(device, 1, 2);
          write(device, 3, 2);
          expect(device, 3, 2);
        }
        assertThatThrownBy(waiting::join)
            .cause()
            .isInstanceOfSatisfying(
                ScsiException.class, busy -> assertThat(busy.status()).isEqualTo(BUSY));
      } finally {
        cluster.server(2).resume();
      }
      expect(device, 2, 1);
      writeAll(device, 3);
      eventually(device::flush);
    }
  }

  @Test
  @Tag("S12")
  void aKilledServerComesBackWithWhatItAcknowledgedAndTheOthersNeedNoRestart() throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = open(initiator, 1)) {
      writeAll(device, 4);
      cluster.server(3).kill();
      write(device, 2, 5);
      write(device, 1, 5);
      cluster.server(3).restart();
      expect(device, 3, 4);
      eventually(device::flush);
      writeAll(device, 6);
      for (int server = 1; server <= 3; server++) {
        expect(device, server, 6);
      }
    }
  }

  @Test
  @Tag("S11")
  void withoutZooKeeperMountedVolumesGoOnAndLoginsAreToldToComeAgain() throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = open(initiator, 1)) {
      writeAll(device, 7);
      cluster.zookeeper().stop();
      try {
        for (int round = 8; round < 40; round++) {
          writeAll(device, round);
          expect(device, 3, round);
        }
        eventually(device::flush);
        InitiatorOptions brief =
            InitiatorOptions.DEFAULT.withTimeouts(
                Duration.ofSeconds(20),
                Duration.ofSeconds(40),
                Duration.ofSeconds(60),
                Duration.ofSeconds(1));
        try (Initiator other = new Initiator(brief)) {
          assertThatThrownBy(() -> open(other, 2))
              .isInstanceOf(IOException.class)
              .hasMessageContaining("0x0301");
        }
      } finally {
        cluster.zookeeper().restart();
      }
      writeAll(device, 41);
      for (int server = 1; server <= 3; server++) {
        try (BlockDevice again = openEventually(initiator, server)) {
          expect(again, 3, 41);
        }
      }
    }
  }

  /**
   * The initiator's writes lie in a paused server's sockets. It goes on at another server, under
   * the same name, and writes newer values; then the paused one, long taken for dead, wakes up.
   */
  @Test
  @Tag("S8")
  void aServerThatWakesUpAfterItsSessionCantUndoWhatWasWrittenElsewhere() throws Exception {
    InitiatorOptions alert =
        new InitiatorOptions(
            InitiatorOptions.DEFAULT.initiatorName(),
            null,
            null,
            InitiatorOptions.DEFAULT.parameters(),
            32,
            4,
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(120),
            Duration.ofSeconds(120),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2));
    String both =
        cluster
            .server(1)
            .url(VOLUME)
            .replace(
                cluster.server(1).portal(),
                cluster.server(1).portal() + "," + cluster.server(2).portal());
    try (Initiator initiator = new Initiator(alert);
        BlockDevice device = initiator.open(DeviceUrl.parse(both));
        CuratorFramework zookeeper = zookeeper()) {
      writeAll(device, 50);
      List<CompletableFuture<Void>> stuck = new ArrayList<>();
      cluster.server(1).pause();
      try {
        for (int server = 1; server <= 3; server++) {
          stuck.add(device.writeAsync(OFFSETS.get(server), block(51)));
        }
        awaitEnd(stuck.get(1));
        awaitEnd(stuck.get(2));
        write(device, 2, 52);
        write(device, 3, 52);
        Awaitility.await()
            .atMost(SOON)
            .until(() -> zookeeper.checkExists().forPath("/sandrift/servers/server-1") == null);
      } finally {
        cluster.server(1).resume();
      }
      Awaitility.await()
          .atMost(SOON)
          .until(() -> zookeeper.checkExists().forPath("/sandrift/servers/server-1") != null);
      // the device may still be trying the old value for server 1; two writes at once have no order
      awaitEnd(stuck.get(0));
      write(device, 1, 52);
      for (int server = 1; server <= 3; server++) {
        try (BlockDevice witness = openEventually(initiator, server)) {
          for (int owner = 1; owner <= 3; owner++) {
            assertThat(read(witness, owner))
                .as("what server %d holds, read at server %d", owner, server)
                .isEqualTo(52);
          }
        }
      }
    }
  }

  @Test
  void aServerStartedOnAnEmptyDirectoryServesNoZerosInItsDatasPlace() throws Exception {
    Tool.Result result =
        Sandrift.run(
            "server",
            "--server-id",
            "server-2",
            "--data-dir",
            directory.resolve("not-mounted").toString(),
            "--portals",
            "127.0.0.1:0",
            "--admin-address",
            "127.0.0.1:0",
            "--zookeeper-connect",
            cluster.zookeeper().getConnectString());
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output()).contains("is its disk mounted").contains("store.replaces=");
  }

  @Test
  @Tag("S12")
  void aVolumeThatIsMadeAtAnyServerIsServedByAll() throws Exception {
    Sandrift.run(
            "volume", "create", "late", "--size", "16MiB", "--admin", cluster.server(3).admin())
        .expectSuccess();
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT)) {
      for (int server = 1; server <= 3; server++) {
        DeviceUrl url = DeviceUrl.parse(cluster.server(server).url("late"));
        eventually(
            () -> {
              try (BlockDevice device = initiator.open(url)) {
                device.write(0, block(1));
              }
            });
      }
    }
  }

  private static void writeAll(BlockDevice device, int value) {
    for (int server = 1; server <= 3; server++) {
      write(device, server, value);
    }
  }

  private static void write(BlockDevice device, int server, int value) {
    eventually(() -> device.write(OFFSETS.get(server), block(value)));
  }

  private static void expect(BlockDevice device, int server, int value) {
    assertThat(read(device, server)).as("what server %d holds", server).isEqualTo(value);
  }

  /** The value that fills a server's block. */
  private static int read(BlockDevice device, int server) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    eventually(() -> device.read(OFFSETS.get(server), block.clear()));
    int value = block.getInt(0);
    assertThat(block.array()).as("a block that was written whole").isEqualTo(block(value).array());
    return value;
  }

  /** Waits for a write that may succeed or be told to come again. */
  private static void awaitEnd(CompletableFuture<Void> write) throws Exception {
    write.handle((done, failure) -> done).get(SOON.toSeconds(), TimeUnit.SECONDS);
  }

  private static ByteBuffer block(int value) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (block.hasRemaining()) {
      block.putInt(value);
    }
    return block.flip();
  }

  private interface Work {
    void run() throws Exception;
  }

  /** As an initiator's host does: what is told to come again comes again. */
  private static void eventually(Work work) {
    Awaitility.await()
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(200))
        .pollDelay(Duration.ZERO)
        .ignoreExceptionsInstanceOf(IOException.class)
        .untilAsserted(work::run);
  }

  private static BlockDevice openEventually(Initiator initiator, int server) {
    return Awaitility.await()
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(() -> open(initiator, server), device -> true);
  }

  private static BlockDevice open(Initiator initiator, int server) throws Exception {
    return initiator.open(DeviceUrl.parse(cluster.server(server).url(VOLUME)));
  }

  private static CuratorFramework zookeeper() {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(
            cluster.zookeeper().getConnectString(), new RetryOneTime(100));
    client.start();
    return client;
  }
}
