package io.sandrift.volume.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RendezvousPlacementTest {

  private static final int PARTITIONS = 64;

  @Property(tries = 100)
  void aServerThatJoinsTakesPartitionsOnlyToItself(
      @ForAll @IntRange(min = 1, max = 20) int servers, @ForAll long volume) {
    Map<ServerId, Double> before = servers(servers);
    ServerId joined = new ServerId("joined");
    Map<ServerId, Double> after = new HashMap<>(before);
    after.put(joined, 1.0);
    for (int p = 0; p < PARTITIONS; p++) {
      ServerId owner = owner(after, volume, p);
      assertThat(owner).isIn(owner(before, volume, p), joined);
    }
  }

  @Property(tries = 100)
  void aServerThatLeavesGivesAwayOnlyItsOwnPartitions(
      @ForAll @IntRange(min = 2, max = 20) int servers, @ForAll long volume) {
    Map<ServerId, Double> before = servers(servers);
    ServerId left = new ServerId("s0");
    Map<ServerId, Double> after = new HashMap<>(before);
    after.remove(left);
    for (int p = 0; p < PARTITIONS; p++) {
      ServerId owner = owner(before, volume, p);
      if (!owner.equals(left)) {
        assertThat(owner(after, volume, p)).isEqualTo(owner);
      }
    }
  }

  @Property(tries = 100)
  void aServerWhoseWeightRisesLosesNoPartition(
      @ForAll @IntRange(min = 2, max = 20) int servers, @ForAll long volume) {
    Map<ServerId, Double> before = servers(servers);
    ServerId grown = new ServerId("s1");
    Map<ServerId, Double> after = new HashMap<>(before);
    after.put(grown, 2.5);
    for (int p = 0; p < PARTITIONS; p++) {
      ServerId owner = owner(before, volume, p);
      assertThat(owner(after, volume, p)).isIn(owner, grown);
    }
  }

  @Property(tries = 50)
  void replicasAreDifferentServersAndTheFirstIsTheChoiceForOne(
      @ForAll @IntRange(min = 1, max = 6) int servers,
      @ForAll @IntRange(min = 1, max = 8) int replicas,
      @ForAll long volume) {
    RendezvousPlacement placement = new RendezvousPlacement(servers(servers));
    List<ServerId> chosen = placement.choose(new VolumeId(new UUID(volume, 1)), 5, replicas);
    assertThat(chosen).doesNotHaveDuplicates().hasSize(Math.min(servers, replicas));
    assertThat(placement.choose(new VolumeId(new UUID(volume, 1)), 5, 1))
        .containsExactly(chosen.get(0));
  }

  @Test
  @Tag("S1")
  @Tag("S12")
  void sharesFollowTheWeights() {
    Map<ServerId, Double> servers = new HashMap<>(servers(3));
    servers.put(new ServerId("large"), 3.0);
    RendezvousPlacement placement = new RendezvousPlacement(servers);
    int partitions = 30_000;
    int large = 0;
    for (int p = 0; p < partitions; p++) {
      List<ServerId> chosen = placement.choose(new VolumeId(new UUID(1, 2)), p, 1);
      large += chosen.get(0).value().equals("large") ? 1 : 0;
    }
    assertThat((double) large / partitions).isEqualTo(0.5, within(0.02));
  }

  @Test
  void aWeightOfZeroIsRefused() {
    assertThatThrownBy(() -> new RendezvousPlacement(Map.of(new ServerId("a"), 0.0)))
        .hasMessageContaining("positive");
  }

  @Test
  void noServersAreRefused() {
    assertThatThrownBy(() -> new RendezvousPlacement(Map.of())).hasMessageContaining("no server");
  }

  private static ServerId owner(Map<ServerId, Double> servers, long volume, int partition) {
    return new RendezvousPlacement(servers)
        .choose(new VolumeId(new UUID(volume, 1)), partition, 1)
        .get(0);
  }

  private static Map<ServerId, Double> servers(int count) {
    Map<ServerId, Double> servers = new HashMap<>();
    for (int i = 0; i < count; i++) {
      servers.put(new ServerId("s" + i), 1.0);
    }
    return servers;
  }
}
