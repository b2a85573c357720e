package io.sandrift.volume.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.LongStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class RendezvousPlacementTest {

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
            assertThat(got.getOrDefault(server, 0) - partitions * weight / all)
                .as("partitions of %s of weight %s above its share", server, weight)
                .isBetween(-1.0, 1.0));
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

  @Property(tries = 100)
  void thePlacesDoNotDependOnTheOrderInWhichServersAreNamed(
      @ForAll @Size(min = 1, max = 20) List<@DoubleRange(min = 0.1, max = 10) Double> weights,
      @ForAll long volume) {
    Map<ServerId, Double> servers = servers(weights);
    Map<ServerId, Double> reversed = new TreeMap<>(Comparator.reverseOrder());
    reversed.putAll(servers);
    assertThat(place(reversed, volume, 64)).isEqualTo(place(servers, volume, 64));
  }

  @Test
  @Tag("S1")
  @Tag("S12")
  void volumesOfOnePartitionAreSpreadByWeight() {
    Map<ServerId, Double> servers = new HashMap<>(servers(Collections.nCopies(3, 1.0)));
    ServerId large = new ServerId("large");
    servers.put(large, 3.0);
    int volumes = 10_000;
    long atLarge =
        LongStream.range(0, volumes)
            .filter(volume -> place(servers, volume, 1).get(0).equals(large))
            .count();
    assertThat((double) atLarge / volumes).isEqualTo(0.5, within(0.02));
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
