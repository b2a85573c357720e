package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One logical unit, two initiators, two servers. */
@Tag("S11")
@Tag("S13")
@Timeout(600)
class SharedUnitIT {

  private static final Duration DEADLINE = Duration.ofMinutes(4);
  private static final Pattern FAILED = Pattern.compile("(?<!\\[)FAILED\\s*$", Pattern.MULTILINE);

  /** 100,000 take about a minute on a quiet machine; a test run has less patience. */
  private static final int INCREMENTS = Integer.getInteger("sandrift.increments", 10_000);

  private static final int BLOCK = 512;

  @TempDir static Path directory;
  private static RunningCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = RunningCluster.start(2, directory, "--zookeeper-session-timeout", "30s");
    cluster.createVolume("shared", 1L << 30);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  /** libiscsi's suite takes the second URL for its second initiator. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SCSI.MultipathIO",
        "SCSI.ProutReserve",
        "SCSI.ProutPreempt",
        "SCSI.ProutClear",
        "SCSI.Reserve6",
        "SCSI.CompareAndWrite",
        "iSCSI.iSCSITMF"
      })
  void theConformanceSuitePassesWithItsTwoInitiatorsAtTwoServers(String suite) throws Exception {
    Tool.require("iscsi-test-cu", "libiscsi-bin");
    Tool.Result result =
        Tool.run(
            DEADLINE,
            "iscsi-test-cu",
            "-d",
            "-V",
            "-t",
            suite,
            cluster.server(1).url("shared"),
            cluster.server(2).url("shared"));
    assertThat(FAILED.matcher(result.output()).find()).as(result.output()).isFalse();
    assertThat(result.output()).contains("Run Summary");
    if (suite.equals("SCSI.MultipathIO")) {
      assertThat(result.output()).doesNotContain("[SKIPPED]");
    }
  }

  @Test
  void noIncrementIsLostWhenTwoInitiatorsRaceAtTwoServers() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice one = open(initiator, 1);
        BlockDevice two = open(initiator, 2)) {
      one.write(0, counters(0, 0));
      Future<?> first = threads.submit(() -> increment(one, 0));
      Future<?> second = threads.submit(() -> increment(two, 1));
      first.get(9, TimeUnit.MINUTES);
      second.get(9, TimeUnit.MINUTES);
      for (BlockDevice device : List.of(one, two)) {
        assertThat(read(device)).containsExactly(INCREMENTS / 2, INCREMENTS / 2);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** A device learns its new size from nothing but the unit attention. */
  @Test
  void aVolumeThatGrowsHasGrownForTheSessionsOfEveryServer() throws Exception {
    cluster.sandrift("policy", "set", "growing", "round-robin");
    cluster.sandrift("volume", "create", "g", "--size", "16MiB", "--service-class", "growing");
    DeviceUrl url = DeviceUrl.parse(cluster.server(1).url("g"));
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice one = initiator.open(url);
        BlockDevice two = initiator.open(url)) {
      await()
          .atMost(DEADLINE)
          .untilAsserted(
              () ->
                  assertThat(cluster.sandrift("session", "list")).contains("server-1", "server-2"));
      cluster.sandrift("volume", "resize", "g", "--size", "32MiB");
      for (BlockDevice device : List.of(one, two)) {
        await()
            .atMost(DEADLINE)
            .until(
                () -> {
                  read(device);
                  return device.sizeBytes() == 32 << 20;
                });
        device.write(device.sizeBytes() - BLOCK, counters(1, 1));
      }
    }
  }

  /**
   * Adds to one of two counters in one block, so that a writer sees whether the other's writes undo
   * its own. A command whose answer was lost may have been done; the counter tells.
   */
  private static Void increment(BlockDevice device, int mine) throws Exception {
    long[] seen = read(device);
    while (seen[mine] < INCREMENTS / 2) {
      long[] next = seen.clone();
      next[mine]++;
      boolean isWritten;
      try {
        isWritten =
            device.compareAndWriteAsync(0, counters(seen), counters(next)).get(2, TimeUnit.MINUTES);
      } catch (ExecutionException e) {
        assertThat(e).hasCauseInstanceOf(IOException.class);
        isWritten = false;
      }
      long[] now = isWritten ? next : read(device);
      assertThat(now[mine]).as("this writer's own counter").isIn(seen[mine], next[mine]);
      seen = now;
    }
    return null;
  }

  private static ByteBuffer counters(long... values) {
    return ByteBuffer.allocate(BLOCK).putLong(0, values[0]).putLong(Long.BYTES, values[1]);
  }

  /** As an initiator's host does: what is told to come again comes again. */
  private static long[] read(BlockDevice device) throws Exception {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (true) {
      try {
        device.read(0, block.clear());
        return new long[] {block.getLong(0), block.getLong(Long.BYTES)};
      } catch (IOException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  private static BlockDevice open(Initiator initiator, int server) throws Exception {
    return initiator.open(DeviceUrl.parse(cluster.server(server).url("shared")));
  }
}
