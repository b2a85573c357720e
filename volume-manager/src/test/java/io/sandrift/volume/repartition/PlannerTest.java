package io.sandrift.volume.repartition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.placement.RendezvousPlacement;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("S12")
class PlannerTest {

  private static final long GIB = 1L << 30;
  private static final ServerId NEW = new ServerId("new");

  @Property(tries = 300)
  void aServerThatJoinsIsGivenNoMoreThanTheLeastAndNearlyItsShare(@ForAll long seed) {
    ClusterStanding before = random(seed, 100 * GIB);
    List<ServerStanding> servers = new ArrayList<>(before.servers());
    double weight = 0.25 + new Random(seed).nextDouble() * 4;
    servers.add(new ServerStanding(NEW, weight, 1000 * GIB, 1000 * GIB, 0, false));
    ClusterStanding standing = new ClusterStanding(servers, before.volumes());

    Plan plan = planned(standing, PlanRequest.adding(NEW));

    assertThat(plan.bytes()).as("seed %d", seed).isLessThanOrEqualTo(plan.leastBytes() * 105 / 100);
    assertThat(plan.moves()).allMatch(move -> move.to().equals(NEW));
    double share = weight / servers.stream().mapToDouble(ServerStanding::weight).sum();
    for (VolumeStanding volume : standing.volumes()) {
      long got = plan.moves().stream().filter(m -> m.volumeId().equals(volume.id())).count();
      assertThat((double) got)
          .as("partitions of %s, seed %d", volume.name(), seed)
          .isLessThan(share * volume.partitions().size() + 1);
    }
  }

  @Property(tries = 100)
  void ofAVolumeWithEqualPartitionsAServerThatJoinsGetsItsShareToWithinOne(
      @ForAll @IntRange(min = 1, max = 12) int servers,
      @ForAll @IntRange(min = 1, max = 400) int percent) {
    double weight = percent / 100.0;
    List<ServerStanding> all = servers(servers, 1000 * GIB);
    all.add(new ServerStanding(NEW, weight, 1000 * GIB, 1000 * GIB, 0, false));
    List<PartitionStanding> partitions = new ArrayList<>();
    for (int p = 0; p < 64; p++) {
      partitions.add(new PartitionStanding(all.get(p % servers).id(), GIB, 0));
    }
    Plan plan =
        planned(
            new ClusterStanding(all, List.of(volume("v", partitions))), PlanRequest.adding(NEW));
    double share = weight / (servers + weight) * 64;
    assertThat((double) plan.moves().size()).isBetween(share - 1, share + 1e-6);
    assertThat(plan.bytes()).isLessThanOrEqualTo(plan.leastBytes());
  }

  @Property(tries = 300)
  void aServerThatLeavesGivesAwayAllThatItHasAndNothingElseMoves(@ForAll long seed) {
    ClusterStanding standing = random(seed, 100_000 * GIB);
    if (standing.servers().size() < 2) {
      return;
    }
    ServerId leaving = standing.servers().get(0).id();

    Plan plan = planned(standing, PlanRequest.removing(leaving));

    assertThat(plan.moves()).allMatch(move -> move.from().equals(leaving));
    assertThat(plan.moves()).hasSize((int) partitionsOf(standing, leaving));
    assertThat(plan.bytes()).as("seed %d", seed).isEqualTo(plan.leastBytes());
  }

  @Property(tries = 300)
  void noServerIsGivenMoreThanItHasRoomFor(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 3) int kind) {
    ClusterStanding standing = random(seed, 20 * GIB);
    PlanRequest request =
        switch (kind) {
          case 0 -> PlanRequest.adding(standing.servers().get(0).id());
          case 1 -> PlanRequest.removing(standing.servers().get(0).id());
          case 2 -> PlanRequest.rebalancing(Rebalance.CAPACITY);
          default -> PlanRequest.rebalancing(Rebalance.LOAD);
        };
    if (!(Planner.plan(standing, request, 1e8) instanceof Planning.Planned planned)) {
      return;
    }
    Map<ServerId, Long> arriving = new HashMap<>();
    planned.plan().moves().forEach(move -> arriving.merge(move.to(), move.bytes(), Long::sum));
    arriving.forEach(
        (server, bytes) ->
            assertThat(bytes)
                .as("to %s, seed %d", server, seed)
                .isLessThanOrEqualTo(standing.server(server).orElseThrow().roomBytes()));
  }

  @Property(tries = 200)
  void rebalancingByCapacityMovesNoMoreThanWhatIsAboveAndLeavesNobodyFurtherAbove(
      @ForAll long seed) {
    ClusterStanding standing = random(seed, 1000 * GIB);
    Plan plan = planned(standing, PlanRequest.rebalancing(Rebalance.CAPACITY));
    assertThat(plan.bytes()).isLessThanOrEqualTo(plan.leastBytes());
    double fullestBefore =
        plan.effects().stream()
            .mapToDouble(e -> (double) e.usedBytesBefore() / e.capacityBytes())
            .max()
            .orElseThrow();
    double fullestAfter =
        plan.effects().stream()
            .mapToDouble(e -> (double) e.usedBytesAfter() / e.capacityBytes())
            .max()
            .orElseThrow();
    assertThat(fullestAfter).as("seed %d", seed).isLessThanOrEqualTo(fullestBefore + 1e-9);
  }

  @Property(tries = 200)
  @net.jqwik.api.Tag("S3")
  void rebalancingByLoadNeverRaisesTheLargestPressure(@ForAll long seed) {
    ClusterStanding standing = random(seed, 1000 * GIB);
    Plan plan = planned(standing, PlanRequest.rebalancing(Rebalance.LOAD));
    double before =
        plan.effects().stream().mapToDouble(ServerEffect::pressureBefore).max().orElse(0);
    double after = plan.effects().stream().mapToDouble(ServerEffect::pressureAfter).max().orElse(0);
    assertThat(after).as("seed %d", seed).isLessThanOrEqualTo(before + 1e-9);
    if (!plan.moves().isEmpty()) {
      assertThat(after).isLessThan(before);
    }
  }

  @Property(tries = 100)
  void aPlanOnceCarriedOutLeavesNothingToBeDone(
      @ForAll long seed, @ForAll @IntRange(min = 0, max = 2) int kind) {
    ClusterStanding standing = random(seed, 1000 * GIB);
    if (standing.servers().size() < 2) {
      return;
    }
    ServerId first = standing.servers().get(0).id();
    PlanRequest request =
        switch (kind) {
          case 0 -> PlanRequest.adding(first);
          case 1 -> PlanRequest.removing(first);
          default -> PlanRequest.rebalancing(Rebalance.CAPACITY);
        };
    ClusterStanding after = carriedOut(standing, planned(standing, request));
    Plan again = planned(after, request);
    if (kind == 0) {
      // What it took is its share of the volumes together; seen again from there, at most one more.
      assertThat(again.bytes()).isLessThanOrEqualTo(again.leastBytes());
    } else {
      assertThat(again.moves()).as("seed %d", seed).isEmpty();
    }
  }

  @Test
  void aPlanThatCannotFitIsRefusedWithTheNumbers() {
    List<ServerStanding> servers = servers(2, 10 * GIB);
    ClusterStanding standing =
        new ClusterStanding(
            servers,
            List.of(
                volume(
                    "db",
                    List.of(
                        new PartitionStanding(servers.get(0).id(), 20 * GIB, 0),
                        new PartitionStanding(servers.get(1).id(), GIB, 0)))));
    Planning planning = Planner.plan(standing, PlanRequest.removing(servers.get(0).id()), 0);
    assertThat(planning)
        .isInstanceOfSatisfying(
            Planning.Refused.class,
            refused ->
                assertThat(refused.reason())
                    .contains("doesn't fit", "20GiB", "s1 has room for", "'db'"));
  }

  @Test
  void theLastServerCannotBeRemoved() {
    ClusterStanding standing =
        new ClusterStanding(
            servers(1, GIB),
            List.of(volume("v", List.of(new PartitionStanding(new ServerId("s0"), 0, 0)))));
    assertThat(Planner.plan(standing, PlanRequest.removing(new ServerId("s0")), 0))
        .isInstanceOf(Planning.Refused.class);
  }

  @Test
  void aDeadServersPartitionsCannotBeMovedAndTheRefusalSaysSo() {
    ClusterStanding standing =
        new ClusterStanding(
            servers(2, GIB),
            List.of(volume("v", List.of(new PartitionStanding(new ServerId("dead"), 0, 0)))));
    assertThat(Planner.plan(standing, PlanRequest.removing(new ServerId("dead")), 0))
        .isInstanceOfSatisfying(
            Planning.Refused.class,
            refused -> assertThat(refused.reason()).contains("'dead' is not alive"));
  }

  @Test
  void onlyTheVolumesThatWereNamedMove() {
    List<ServerStanding> servers = servers(2, 100 * GIB);
    List<PartitionStanding> all =
        List.of(
            new PartitionStanding(servers.get(0).id(), GIB, 0),
            new PartitionStanding(servers.get(0).id(), GIB, 0));
    ClusterStanding standing =
        new ClusterStanding(servers, List.of(volume("a", all), volume("b", all)));
    Plan plan =
        planned(
            standing,
            new PlanRequest(
                Set.of(servers.get(1).id()),
                Set.of(),
                Rebalance.NONE,
                Set.of(new VolumeName("b"))));
    assertThat(plan.moves()).hasSize(1);
    assertThat(plan.moves().get(0).volume()).isEqualTo(new VolumeName("b"));
  }

  @Test
  @Tag("S3")
  void aHotPartitionChangesPlacesWithAColdOne() {
    ServerId hot = new ServerId("s0");
    ServerId cold = new ServerId("s1");
    List<ServerStanding> servers =
        List.of(
            new ServerStanding(hot, 1, 100 * GIB, 50 * GIB, 0.9, false),
            new ServerStanding(cold, 1, 100 * GIB, 50 * GIB, 0.1, false));
    ClusterStanding standing =
        new ClusterStanding(
            servers,
            List.of(
                volume(
                    "v",
                    List.of(
                        new PartitionStanding(hot, GIB, 5000),
                        new PartitionStanding(hot, GIB, 4000),
                        new PartitionStanding(cold, GIB, 1000),
                        new PartitionStanding(cold, GIB, 0)))));
    Plan plan = planned(standing, PlanRequest.rebalancing(Rebalance.LOAD));
    assertThat(plan.moves()).isNotEmpty();
    assertThat(plan.effects().get(0).pressureAfter()).isBetween(0.4, 0.6);
    assertThat(plan.effects().get(1).pressureAfter()).isBetween(0.4, 0.6);
  }

  @Test
  @Tag("S3")
  void aGainThatCopyingWouldCostMoreThanIsLeftAlone() {
    ServerId hot = new ServerId("s0");
    ServerId cold = new ServerId("s1");
    ClusterStanding standing =
        new ClusterStanding(
            List.of(
                new ServerStanding(hot, 1, 1000 * GIB, 1000 * GIB, 0.5, false),
                new ServerStanding(cold, 1, 1000 * GIB, 1000 * GIB, 0.3, false)),
            List.of(
                volume(
                    "v",
                    List.of(
                        new PartitionStanding(hot, 500 * GIB, 100),
                        new PartitionStanding(hot, 500 * GIB, 900),
                        new PartitionStanding(cold, GIB, 0)))));
    PlanRequest request = PlanRequest.rebalancing(Rebalance.LOAD);
    Planning slow = Planner.plan(standing, request, 1e6);
    assertThat(((Planning.Planned) slow).plan().moves()).isEmpty();
    Planning fast = Planner.plan(standing, request, 1e12);
    assertThat(((Planning.Planned) fast).plan().moves()).isNotEmpty();
  }

  @Test
  @Tag("S3")
  void nothingMovesWhileNobodyIsUnderPressure() {
    ClusterStanding standing =
        new ClusterStanding(
            List.of(
                new ServerStanding(new ServerId("s0"), 1, 100 * GIB, 50 * GIB, 0.2, false),
                new ServerStanding(new ServerId("s1"), 1, 100 * GIB, 50 * GIB, 0, false)),
            List.of(volume("v", List.of(new PartitionStanding(new ServerId("s0"), 0, 100)))));
    assertThat(planned(standing, PlanRequest.rebalancing(Rebalance.LOAD)).moves()).isEmpty();
  }

  @Test
  void nothingMovesToAServerThatIsBeingEmptied() {
    List<ServerStanding> servers = servers(2, 100 * GIB);
    servers.add(new ServerStanding(NEW, 1, 1000 * GIB, 1000 * GIB, 0, true));
    List<PartitionStanding> partitions = new ArrayList<>();
    for (int p = 0; p < 8; p++) {
      partitions.add(new PartitionStanding(servers.get(p % 2).id(), GIB, 100));
    }
    ClusterStanding standing = new ClusterStanding(servers, List.of(volume("v", partitions)));

    assertThat(Planner.plan(standing, PlanRequest.adding(NEW), 0))
        .isInstanceOfSatisfying(
            Planning.Refused.class,
            refused -> assertThat(refused.reason()).contains("sandrift server undrain new"));
    assertThat(planned(standing, PlanRequest.removing(servers.get(0).id())).moves())
        .hasSize(4)
        .allMatch(move -> move.to().equals(servers.get(1).id()));
    assertThat(planned(standing, PlanRequest.rebalancing(Rebalance.CAPACITY)).moves())
        .noneMatch(move -> move.to().equals(NEW));
  }

  @Test
  void undoTakesEveryMoveBackInTheOppositeOrder() {
    ClusterStanding standing = random(7, 1000 * GIB);
    ServerId first = standing.servers().get(0).id();
    Plan plan = planned(standing, PlanRequest.removing(first));
    ClusterStanding after = carriedOut(standing, plan);
    assertThat(carriedOut(after, plan.reversed())).isEqualTo(standing);
  }

  @Property(tries = 50)
  void aPlanIsTheSameAfterItWasWrittenAndRead(@ForAll long seed) {
    Plan plan = planned(random(seed, 1000 * GIB), PlanRequest.rebalancing(Rebalance.CAPACITY));
    assertThat(PlanJson.decode(PlanJson.encode(plan))).isEqualTo(plan);
  }

  @Test
  void aPlanOfANewerFormatIsRefusedWithAdvice() {
    ObjectNode newer = JsonNodeFactory.instance.objectNode().put("format", 2);
    assertThatThrownBy(() -> PlanJson.decode(newer))
        .hasMessageContaining("format 2")
        .hasMessageContaining("newer one");
  }

  @Test
  void theTimeIsTheBytesOverTheRate() {
    Move move =
        new Move(
            new VolumeName("v"), id("v"), 0, new ServerId("a"), new ServerId("b"), 100_000_000);
    Plan plan = new Plan("x", List.of(move), 100_000_000, List.of());
    assertThat(plan.duration(50e6)).contains(Duration.ofSeconds(2));
    assertThat(plan.duration(0)).isEmpty();
  }

  // ---- Standings.

  private static Plan planned(ClusterStanding standing, PlanRequest request) {
    Planning planning = Planner.plan(standing, request, 100e6);
    assertThat(planning).isInstanceOf(Planning.Planned.class);
    return ((Planning.Planned) planning).plan();
  }

  private static long partitionsOf(ClusterStanding standing, ServerId server) {
    return standing.volumes().stream()
        .flatMap(volume -> volume.partitions().stream())
        .filter(partition -> partition.owner().equals(server))
        .count();
  }

  private static ClusterStanding carriedOut(ClusterStanding standing, Plan plan) {
    List<VolumeStanding> volumes = new ArrayList<>();
    for (VolumeStanding volume : standing.volumes()) {
      List<PartitionStanding> partitions = new ArrayList<>(volume.partitions());
      for (Move move : plan.moves()) {
        if (move.volumeId().equals(volume.id())) {
          PartitionStanding old = partitions.get(move.partition());
          assertThat(old.owner()).isEqualTo(move.from());
          partitions.set(
              move.partition(),
              new PartitionStanding(move.to(), old.usedBytes(), old.operationsPerSecond()));
        }
      }
      volumes.add(new VolumeStanding(volume.name(), volume.id(), partitions));
    }
    return new ClusterStanding(standing.servers(), volumes);
  }

  private static List<ServerStanding> servers(int count, long freeBytes) {
    List<ServerStanding> servers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      servers.add(new ServerStanding(new ServerId("s" + i), 1, freeBytes, freeBytes, 0, false));
    }
    return servers;
  }

  /** Some servers of different weights, and volumes placed over them; some sparse, some small. */
  private static ClusterStanding random(long seed, long freeBytes) {
    Random random = new Random(seed);
    List<ServerStanding> servers = new ArrayList<>();
    Map<ServerId, Double> weights = new HashMap<>();
    int count = 1 + random.nextInt(12);
    for (int i = 0; i < count; i++) {
      ServerId id = new ServerId("s" + i);
      double weight = 0.5 + random.nextDouble() * 2;
      // Not as they are now, so that there is something to do.
      weights.put(id, 0.5 + random.nextDouble() * 2);
      servers.add(
          new ServerStanding(
              id,
              weight,
              freeBytes * 2,
              (long) (freeBytes * (0.1 + 0.9 * random.nextDouble())),
              random.nextDouble(),
              false));
    }
    RendezvousPlacement placement = new RendezvousPlacement(weights);
    List<VolumeStanding> volumes = new ArrayList<>();
    int volumeCount = 1 + random.nextInt(6);
    for (int v = 0; v < volumeCount; v++) {
      VolumeId id = id("v" + v);
      List<PartitionStanding> partitions = new ArrayList<>();
      int size = 1 + random.nextInt(64);
      List<ServerId> placed = placement.place(id, size);
      boolean even = random.nextBoolean();
      for (ServerId server : placed) {
        partitions.add(
            new PartitionStanding(
                server,
                even ? GIB / 4 : (long) (GIB * random.nextDouble() * random.nextInt(2)),
                random.nextInt(3) * 100.0 * random.nextInt(10)));
      }
      volumes.add(new VolumeStanding(new VolumeName("v" + v), id, partitions));
    }
    return new ClusterStanding(servers, volumes);
  }

  private static VolumeStanding volume(String name, List<PartitionStanding> partitions) {
    return new VolumeStanding(new VolumeName(name), id(name), partitions);
  }

  private static VolumeId id(String name) {
    return new VolumeId(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)));
  }
}
