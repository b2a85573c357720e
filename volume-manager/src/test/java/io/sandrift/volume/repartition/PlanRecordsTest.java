package io.sandrift.volume.repartition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.repartition.PlanRecords.Beginning;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The records of plans against a real ZooKeeper. */
@Tag("S12")
@Timeout(60)
class PlanRecordsTest {

  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final Duration SOON = Duration.ofSeconds(20);

  private static TestingServer server;
  private CuratorFramework zookeeper;
  private PlanRecords records;

  @BeforeAll
  static void startZooKeeper() throws Exception {
    server = new TestingServer();
  }

  @AfterAll
  static void stopZooKeeper() throws Exception {
    server.close();
  }

  @BeforeEach
  void connect() {
    zookeeper = connection();
    records = new PlanRecords(zookeeper, () -> NOW);
  }

  @AfterEach
  void empty() throws Exception {
    records.close();
    zookeeper.delete().deletingChildrenIfNeeded().forPath("/sandrift/repartition");
    zookeeper.close();
  }

  @Test
  void aPlanThatWasBegunIsFoundAsItWasGiven() {
    PlanRecord begun = begun(plan(VolumeId.random(), 3));
    assertThat(records.find(begun.id())).contains(begun);
    assertThat(records.list()).containsExactly(begun);
  }

  @Test
  void aVolumeHasOnePlanAtATime() {
    VolumeId volume = VolumeId.random();
    PlanRecord first = begun(plan(volume, 1));
    assertThat(records.begin(plan(volume, 2), 0, "test")).isEqualTo(new Beginning.Busy(first));
    PlanRecord other = begun(plan(VolumeId.random(), 1));
    assertThat(other.id()).isGreaterThan(first.id());

    records.update(first.id(), record -> record.as(PlanState.DONE, NOW, ""));
    assertThat(begun(plan(volume, 2)).id()).isGreaterThan(other.id());
  }

  @Test
  void whatOneServerChangesAnotherHearsOf() {
    records.watch(() -> {});
    PlanRecord begun = begun(plan(VolumeId.random(), 1));
    await().atMost(SOON).until(() -> records.cached().equals(List.of(begun)));
    try (CuratorFramework elsewhere = connection();
        PlanRecords others = new PlanRecords(elsewhere, () -> NOW)) {
      others.update(begun.id(), record -> record.as(PlanState.PAUSED, NOW, "asked to"));
    }
    await()
        .atMost(SOON)
        .until(
            () -> records.cached().stream().anyMatch(record -> record.state() == PlanState.PAUSED));
    records.update(begun.id(), record -> record.as(PlanState.DONE, NOW, ""));
    await().atMost(SOON).until(() -> records.cached().isEmpty());
  }

  @Test
  void aReportLastsAsLongAsTheOneWhoMadeIt() {
    PlanRecord begun = begun(plan(VolumeId.random(), 1));
    MoveReport report = new MoveReport(A, "partition 0 of v to b", 5, 10, 2.5);
    try (CuratorFramework elsewhere = connection();
        PlanRecords others = new PlanRecords(elsewhere, () -> NOW)) {
      others.report(begun.id(), new MoveReport(A, "beginning", 0, 10, 0));
      others.report(begun.id(), report);
      assertThat(records.reports(begun.id())).containsExactly(report);
    }
    await().atMost(SOON).until(() -> records.reports(begun.id()).isEmpty());
  }

  @Test
  void onlySoManyPlansThatAreOverAreKept() {
    PlanRecord oldest = begun(plan(VolumeId.random(), 1));
    records.update(oldest.id(), record -> record.as(PlanState.DONE, NOW, ""));
    for (int i = 0; i <= PlanRecords.HISTORY; i++) {
      PlanRecord next = begun(plan(VolumeId.random(), 1));
      records.update(next.id(), record -> record.as(PlanState.DONE, NOW, ""));
    }
    PlanRecord last = begun(plan(VolumeId.random(), 1));
    assertThat(records.list()).hasSize(PlanRecords.HISTORY + 1).contains(last);
    assertThat(records.find(oldest.id())).isEmpty();
  }

  @Test
  void aPlanOfTenThousandMovesFits() {
    VolumeId volume = VolumeId.random();
    PlanRecord begun = begun(plan(volume, 10_000));
    assertThat(records.find(begun.id())).contains(begun);
  }

  @Test
  void aPlanThatDoesNotFitIsRefusedWithAdvice() {
    List<Move> moves =
        IntStream.range(0, 60_000).mapToObj(i -> move(VolumeId.random(), i)).toList();
    assertThatThrownBy(() -> records.begin(new Plan("p", moves, 0, List.of()), 0, "test"))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("--volume");
    begun(plan(VolumeId.random(), 1));
  }

  private PlanRecord begun(Plan plan) {
    Beginning beginning = records.begin(plan, 1000, "test");
    assertThat(beginning).isInstanceOf(Beginning.Begun.class);
    return ((Beginning.Begun) beginning).record();
  }

  private static Plan plan(VolumeId volume, int moves) {
    return new Plan(
        "test", IntStream.range(0, moves).mapToObj(i -> move(volume, i)).toList(), 7, List.of());
  }

  private static Move move(VolumeId volume, int partition) {
    return new Move(new VolumeName("v"), volume, partition, A, B, 1L << 30);
  }

  private static CuratorFramework connection() {
    CuratorFramework client =
        CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(50));
    client.start();
    return client;
  }
}
