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
          device.write(OFFSETS.get(1), block(2));
          device.write(OFFSETS.get(3), block(2));
          assertThat(read(device, 3)).isEqualTo(block(2));
        }
        assertThatThrownBy(waiting::join)
            .cause()
            .isInstanceOfSatisfying(
                ScsiException.class, busy -> assertThat(busy.status()).isEqualTo(BUSY));
      } finally {
        cluster.server(2).resume();
      }
      eventually(() -> assertThat(read(device, 2)).isEqualTo(block(1)));
      writeAll(device, 3);
      device.flush();
    }
  }

  @Test
  @Tag("S12")
  void aKilledServerComesBackWithWhatItAcknowledgedAndTheOthersNeedNoRestart() throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = open(initiator, 1)) {
      writeAll(device, 4);
      cluster.server(3).kill();
      device.write(OFFSETS.get(2), block(5));
      device.write(OFFSETS.get(1), block(5));
      cluster.server(3).restart();
      eventually(() -> assertThat(read(device, 3)).isEqualTo(block(4)));
      eventually(device::flush);
      writeAll(device, 6);
      for (int server = 1; server <= 3; server++) {
        assertThat(read(device, server)).isEqualTo(block(6));
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
          assertThat(read(device, 3)).isEqualTo(block(round));
        }
        device.flush();
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
        int number = server;
        eventually(
            () -> {
              try (BlockDevice again = open(initiator, number)) {
                assertThat(read(again, 3)).isEqualTo(block(41));
              }
            });
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
        stuck.get(1).get(120, TimeUnit.SECONDS);
        stuck.get(2).get(120, TimeUnit.SECONDS);
        device.write(OFFSETS.get(2), block(52));
        device.write(OFFSETS.get(3), block(52));
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
      stuck.get(0).handle((done, failure) -> done).get(120, TimeUnit.SECONDS);
      eventually(() -> device.write(OFFSETS.get(1), block(52)));
      for (int server = 1; server <= 3; server++) {
        int number = server;
        eventually(
            () -> {
              try (BlockDevice witness = open(initiator, number)) {
                for (int owner = 1; owner <= 3; owner++) {
                  assertThat(read(witness, owner))
                      .as("what server %d holds, read at server %d", owner, number)
                      .isEqualTo(block(52));
                }
              }
            });
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

  private static void writeAll(BlockDevice device, int value) throws Exception {
    for (int server = 1; server <= 3; server++) {
      long offset = OFFSETS.get(server);
      eventually(() -> device.write(offset, block(value)));
    }
  }

  private static ByteBuffer read(BlockDevice device, int server) throws Exception {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    device.read(OFFSETS.get(server), block);
    return block.clear();
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
