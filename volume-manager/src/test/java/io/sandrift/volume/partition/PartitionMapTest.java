package io.sandrift.volume.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class PartitionMapTest {

  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");

  @Property(tries = 200)
  void aMapReadsBackAsItWasWritten(@ForAll("maps") PartitionMap map) {
    assertThat(PartitionMapJson.decode(PartitionMapJson.encode(map), map.version())).isEqualTo(map);
  }

  @Test
  void theLargestMapOfAThousandServersFitsAZnodeManyTimes() {
    List<PartitionEntry> entries = new ArrayList<>();
    for (int p = 0; p < VolumeSpec.MAX_PARTITIONS; p++) {
      int first = p;
      List<ServerId> replicas =
          IntStream.range(0, 3)
              .mapToObj(r -> new ServerId("s".repeat(58) + "-" + (first + r) % 1000))
              .toList();
      entries.add(new PartitionEntry(1L << 40, replicas, replicas));
    }
    byte[] bytes = PartitionMapJson.encode(new PartitionMap(VolumeId.random(), 0, entries));
    assertThat(bytes.length).isLessThan(PartitionMapJson.MAX_BYTES / 5);
  }

  @Test
  void anEntryWithoutAReplicaInSyncIsRefused() {
    assertThatThrownBy(() -> new PartitionEntry(1, List.of(A), List.of()))
        .hasMessageContaining("lost");
  }

  @Test
  void anEntryWithAStrangerInSyncIsRefused() {
    assertThatThrownBy(() -> new PartitionEntry(1, List.of(A), List.of(B)))
        .hasMessageContaining("not a part");
  }

  @Test
  void anEntryWithOneServerTwiceIsRefused() {
    assertThatThrownBy(() -> PartitionEntry.first(List.of(A, A))).hasMessageContaining("twice");
  }

  @Test
  void aMovedPartitionHasTheNextEpochAndTheOthersKeepTheirs() {
    PartitionEntry entry = PartitionEntry.first(List.of(A));
    PartitionMap moved =
        new PartitionMap(VolumeId.random(), 7, List.of(entry, entry))
            .moved(1, List.of(B, A), List.of(B));
    assertThat(moved.entry(0)).isEqualTo(entry);
    assertThat(moved.entry(1)).isEqualTo(new PartitionEntry(2, List.of(B, A), List.of(B)));
    assertThat(moved.entry(1).primary()).isEqualTo(B);
  }

  @Test
  void garbageInZooKeeperIsACatalogException() {
    for (String garbage : List.of("", "[]", "{}", "{\"format\":1,\"servers\":[\"A!\"]}", "\0")) {
      assertThatThrownBy(() -> PartitionMapJson.decode(garbage.getBytes(StandardCharsets.UTF_8), 0))
          .isInstanceOf(CatalogException.class);
    }
  }

  @Test
  void aMapOfANewerFormatIsRefusedWithAdvice() {
    byte[] newer = "{\"format\":2,\"zones\":[]}".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> PartitionMapJson.decode(newer, 0))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("format 2")
        .hasMessageContaining("reads up to 1")
        .hasMessageContaining("newer one");
  }

  @Test
  void aReferenceBeyondTheServersIsACatalogException() {
    String json =
        "{\"format\":1,\"volume\":\"00000000-0000-0000-0000-000000000000\",\"servers\":[\"a\"],"
            + "\"entries\":[[1,[1],[1]]]}";
    assertThatThrownBy(() -> PartitionMapJson.decode(json.getBytes(StandardCharsets.UTF_8), 0))
        .isInstanceOf(CatalogException.class);
  }

  @Provide
  Arbitrary<PartitionMap> maps() {
    Arbitrary<List<ServerId>> replicas =
        Arbitraries.integers()
            .between(0, 40)
            .map(n -> new ServerId("s" + n))
            .list()
            .ofMinSize(1)
            .ofMaxSize(4)
            .uniqueElements();
    Arbitrary<PartitionEntry> entries =
        replicas.flatMap(
            all ->
                Arbitraries.integers()
                    .between(1, all.size())
                    .flatMap(
                        n ->
                            Arbitraries.longs()
                                .between(1, Long.MAX_VALUE)
                                .map(epoch -> new PartitionEntry(epoch, all, all.subList(0, n)))));
    return entries
        .list()
        .ofMinSize(1)
        .ofMaxSize(70)
        .map(list -> new PartitionMap(VolumeId.random(), list.size(), list));
  }
}
