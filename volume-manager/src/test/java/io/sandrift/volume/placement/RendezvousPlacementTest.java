package io.sandrift.volume.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class RendezvousPlacementTest {

  /** Of sums of weights. */
  private static final double ROUNDING = 1e-9;

  @Property(tries = 200)
  @Tag("S1")
  @Tag("S12")
  void everyServerGetsItsShareByWeightRoundedDownOrUp(
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = 0.01, max = 100) Double> weights,
      @ForAll @IntRange(min = 1, max = 200) int partitions,
      @ForAll long volume) {
    Map<ServerId, Double> servers = servers(weights);
    Map<ServerId, Integer> got = count(place(servers, volume, partitions));
    double all = weights.stream().mapToDouble(Double::doubleValue).sum();
    servers.forEach(
        (server, weight) ->
            assertThat(got.getOrDefault(server, 0))
                .as("partitions of %s, of weight %s", server, weight)
                .isBetween(
                    (int) Math.floor(partitions * weight / all + ROUNDING),
                    (int) Math.ceil(partitions * weight / all - ROUNDING)));
    assertThat(got.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(partitions);
  }

  @Property(tries = 100)
  void equalServersDifferByOnePartitionAtMost(
      @ForAll @IntRange(min = 1, max = 20) int servers,
      @ForAll @IntRange(min = 1, max = 200) int partitions,
      @ForAll long volume) {
    Map<ServerId, Double> equal = servers(Collections.nCopies(servers, 1.0));
    Map<ServerId, Integer> got = count(place(equal, volume, partitions));
    assertThat(equal.keySet())
        .allSatisfy(
            server ->
                assertThat(got.getOrDefault(server, 0))
                    .isBetween(partitions / servers, (partitions + servers - 1) / servers));
  }

  @Property(tries = 10)
  @Tag("S1")
  @Tag("S12")
  void overManyVolumesTheMeanIsTheShareExactly(
      @ForAll @DoubleRange(min = 0.5, max = 4) double weight,
      @ForAll @IntRange(min = 1, max = 8) int partitions) {
    Map<ServerId, Double> servers = servers(List.of(1.0, weight, 1.0));
    int volumes = 5_000;
    ServerId second = new ServerId("s1");
    long got = 0;
    for (long volume = 0; volume < volumes; volume++) {
      got += count(place(servers, volume, partitions)).getOrDefault(second, 0);
    }
    assertThat((double) got / volumes)
        .isCloseTo(partitions * weight / (2 + weight), within(5 * 0.5 / Math.sqrt(volumes)));
  }

  @Test
  void aServersOnlyPartitionMayBeAnyOfThem() {
    Map<ServerId, Double> servers = servers(List.of(7.0, 1.0));
    int volumes = 8_000;
    int[] at = new int[8];
    for (long volume = 0; volume < volumes; volume++) {
      at[place(servers, volume, 8).indexOf(new ServerId("s1"))]++;
    }
    assertThat(Arrays.stream(at).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(850, 1150));
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

  @Test
  void aVolumeOfNoPartitionsIsRefused() {
    assertThatThrownBy(() -> place(servers(List.of(1.0)), 1, 0))
        .hasMessageContaining("0 partitions");
  }

  private static List<ServerId> place(Map<ServerId, Double> servers, long volume, int partitions) {
    return new RendezvousPlacement(servers).place(new VolumeId(new UUID(volume, 1)), partitions);
  }

  private static Map<ServerId, Integer> count(List<ServerId> placed) {
    Map<ServerId, Integer> count = new HashMap<>();
    placed.forEach(server -> count.merge(server, 1, Integer::sum));
    return count;
  }

  private static Map<ServerId, Double> servers(List<Double> weights) {
    Map<ServerId, Double> servers = new TreeMap<>();
    weights.forEach(weight -> servers.put(new ServerId("s" + servers.size()), weight));
    return servers;
  }
}
