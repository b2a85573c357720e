package io.sandrift.server.repartition;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.repartition.ClusterStanding;
import io.sandrift.volume.repartition.PartitionStanding;
import io.sandrift.volume.repartition.Plan;
import io.sandrift.volume.repartition.PlanRecord;
import io.sandrift.volume.repartition.PlanState;
import io.sandrift.volume.repartition.ServerStanding;
import io.sandrift.volume.repartition.VolumeStanding;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S12")
class AutoRebalanceTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final long GIB = 1L << 30;
  private static final ServerId OLD = new ServerId("old");
  private static final ServerId NEW = new ServerId("new");

  private final AutoRebalance auto = new AutoRebalance();

  @Test
  void aServerThatOwnsNothingGetsItsShareOnceThatWasWantedThreeTimesInARow() {
    ClusterStanding standing = standing(OLD, NEW);
    assertThat(look(standing, List.of())).isEmpty();
    assertThat(look(standing, List.of())).isEmpty();
    assertThat(look(standing, List.of()))
        .hasValueSatisfying(
            plan -> {
              assertThat(plan.purpose()).isEqualTo("add new");
              assertThat(plan.moves()).hasSize(4);
            });
    assertThat(look(standing, List.of())).as("it begins to count anew").isEmpty();
  }

  @Test
  void whatIsNotWantedEveryTimeIsNotDone() {
    for (int i = 0; i < 10; i++) {
      assertThat(look(standing(OLD, NEW), List.of())).isEmpty();
      assertThat(look(standing(OLD, NEW), List.of())).isEmpty();
      assertThat(look(standing(OLD), List.of())).isEmpty();
    }
  }

  @Test
  void nothingIsDoneWhileAPlanRunsNorSoonAfterOne() {
    for (int i = 0; i < 10; i++) {
      assertThat(look(standing(OLD, NEW), List.of(record(PlanState.RUNNING, null)))).isEmpty();
      assertThat(
              look(
                  standing(OLD, NEW),
                  List.of(record(PlanState.DONE, NOW.minus(AutoRebalance.REST).plusSeconds(5)))))
          .isEmpty();
    }
  }

  @Test
  void nothingMovesToAServerThatIsBeingEmptied() {
    for (int i = 0; i < 10; i++) {
      assertThat(look(standing(Set.of(NEW), OLD, NEW), List.of())).isEmpty();
    }
  }

  private Optional<Plan> look(ClusterStanding standing, List<PlanRecord> history) {
    return auto.look(standing, history, 100e6, NOW);
  }

  private static PlanRecord record(PlanState state, Instant ended) {
    return new PlanRecord(
        1, new Plan("p", List.of(), 0, List.of()), state, 0, "test", NOW, ended, "", 0);
  }

  private static ClusterStanding standing(ServerId... servers) {
    return standing(Set.of(), servers);
  }

  private static ClusterStanding standing(Set<ServerId> draining, ServerId... servers) {
    List<ServerStanding> standings = new ArrayList<>();
    for (ServerId server : servers) {
      standings.add(
          new ServerStanding(server, 1, 100 * GIB, 90 * GIB, 0, draining.contains(server)));
    }
    List<PartitionStanding> partitions = new ArrayList<>();
    for (int p = 0; p < 8; p++) {
      partitions.add(new PartitionStanding(OLD, GIB, 0));
    }
    return new ClusterStanding(
        standings, List.of(new VolumeStanding(new VolumeName("v"), VolumeId.random(), partitions)));
  }
}
