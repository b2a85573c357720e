package io.sandrift.volume.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeCatalog.Creation;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMaps;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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

/** The catalog and the partition maps against a real ZooKeeper. */
@Timeout(30)
class ZooKeeperVolumeCatalogTest {

  private static final VolumeName NAME = new VolumeName("demo");
  private static final VolumeSpec SPEC = VolumeSpec.of(NAME, 1L << 30);
  private static final ServerId ALPHA = new ServerId("alpha");
  private static final ServerId BETA = new ServerId("beta");
  private static final Duration SOON = Duration.ofSeconds(10);

  private static TestingServer server;
  private CuratorFramework zookeeper;
  private ZooKeeperVolumeCatalog catalog;
  private PartitionMaps maps;

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
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(50));
    zookeeper.start();
    catalog =
        new ZooKeeperVolumeCatalog(zookeeper, () -> Instant.parse("2026-11-21T00:00:00.123456Z"));
    maps = new PartitionMaps(zookeeper);
  }

  @AfterEach
  void empty() {
    catalog.list().forEach(volume -> catalog.delete(volume.name()));
    catalog.close();
    zookeeper.close();
  }

  @Test
  void aCreatedVolumeIsFoundAsItWasCreated() {
    Creation creation = catalog.create(SPEC);
    assertThat(creation.created()).isTrue();
    assertThat(catalog.find(NAME)).contains(creation.volume());
    assertThat(creation.volume().spec()).isEqualTo(SPEC);
    assertThat(creation.volume().created()).isEqualTo(Instant.parse("2026-11-21T00:00:00.123Z"));
  }

  @Test
  void creatingANameAgainFindsTheFirstVolume() {
    Volume first = catalog.create(SPEC).volume();
    Creation again = catalog.create(VolumeSpec.of(NAME, 2L << 30));
    assertThat(again).isEqualTo(new Creation(first, false));
  }

  @Test
  void ofManyWhoCreateOneNameAtOnceExactlyOneDoes() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      Callable<Creation> create = () -> catalog.create(SPEC);
      int created = 0;
      for (Future<Creation> creation : threads.invokeAll(Collections.nCopies(8, create))) {
        created += creation.get().created() ? 1 : 0;
      }
      assertThat(created).isEqualTo(1);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  @Tag("S11")
  void volumesAreListedByName() {
    catalog.create(VolumeSpec.of(new VolumeName("b"), 1 << 20));
    catalog.create(VolumeSpec.of(new VolumeName("a"), 1 << 20));
    assertThat(catalog.list()).extracting(v -> v.name().value()).containsExactly("a", "b");
  }

  @Test
  void aVolumeGrows() {
    Volume before = catalog.create(SPEC).volume();
    Volume grown = catalog.grow(NAME, 2L << 30).orElseThrow();
    assertThat(grown.sizeBytes()).isEqualTo(2L << 30);
    assertThat(grown.id()).isEqualTo(before.id());
    assertThat(catalog.find(NAME)).contains(grown);
  }

  @Test
  void growingToTheSameSizeChangesNothing() {
    Volume before = catalog.create(SPEC).volume();
    assertThat(catalog.grow(NAME, SPEC.sizeBytes())).contains(before);
  }

  @Test
  void aVolumeNeverShrinks() {
    catalog.create(SPEC);
    assertThatThrownBy(() -> catalog.grow(NAME, 1 << 20))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("can only grow")
        .hasMessageContaining("1GiB");
  }

  @Test
  void concurrentGrowthEndsAtTheLargestSize() throws Exception {
    catalog.create(VolumeSpec.of(NAME, 1 << 20));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      for (int mib = 2; mib <= 12; mib++) {
        long size = (long) mib << 20;
        threads.submit(() -> catalog.grow(NAME, size));
      }
      await().atMost(SOON).until(() -> catalog.find(NAME).orElseThrow().sizeBytes() == 12 << 20);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void whatIsNotThereIsNeitherFoundNorGrownNorDeleted() {
    assertThat(catalog.find(NAME)).isEmpty();
    assertThat(catalog.grow(NAME, 1 << 20)).isEmpty();
    assertThat(catalog.delete(NAME)).isEmpty();
  }

  @Test
  void aDeletedVolumeTakesAllThatLiesBeneathItAlong() throws Exception {
    Volume volume = catalog.create(SPEC).volume();
    maps.findOrPlace(volume, () -> entries(ALPHA));
    assertThat(catalog.delete(NAME)).contains(volume);
    assertThat(zookeeper.checkExists().forPath("/sandrift/volumes/demo")).isNull();
  }

  @Test
  void onlyAVolumeThatWasDeletedCountsAsDeleted() {
    Volume volume = catalog.create(SPEC).volume();
    assertThat(catalog.isDeleted(volume.id())).isFalse();
    catalog.delete(NAME);
    assertThat(catalog.isDeleted(volume.id())).isTrue();
    assertThat(catalog.isDeleted(VolumeId.random())).isFalse();
  }

  @Test
  void aNameGivenAgainHasAnotherId() {
    VolumeId first = catalog.create(SPEC).volume().id();
    catalog.delete(NAME);
    assertThat(catalog.create(SPEC).volume().id()).isNotEqualTo(first);
  }

  @Test
  void aWatcherHearsOfWhatIsThereAndOfEachChange() {
    List<String> heard = new CopyOnWriteArrayList<>();
    Volume volume = catalog.create(SPEC).volume();
    catalog.watch(
        new VolumeListener() {
          @Override
          public void added(Volume added) {
            heard.add("added " + added.name());
          }

          @Override
          public void changed(Volume before, Volume now) {
            heard.add("changed to " + new ByteSize(now.sizeBytes()));
          }

          @Override
          public void removed(Volume removed) {
            heard.add("removed " + removed.name());
          }
        });
    await().atMost(SOON).until(() -> heard.size() == 1);
    maps.findOrPlace(volume, () -> entries(ALPHA));
    catalog.grow(NAME, 2L << 30);
    await().atMost(SOON).until(() -> heard.size() == 2);
    catalog.delete(NAME);
    await().atMost(SOON).until(() -> heard.size() == 3);
    assertThat(heard).containsExactly("added demo", "changed to 2GiB", "removed demo");
  }

  @Test
  void aRecordOfANewerFormatIsRefusedWithAdvice() throws Exception {
    String json =
        new String(VolumeJson.encode(catalog.create(SPEC).volume()), StandardCharsets.UTF_8);
    byte[] newer = json.replace("\"format\":1", "\"format\":2").getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> VolumeJson.decode(newer, 0))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("newer");
  }

  @Test
  void theFirstPlacementOfAMapWins() {
    Volume volume = catalog.create(SPEC).volume();
    PartitionMap first = maps.findOrPlace(volume, () -> entries(ALPHA));
    PartitionMap second = maps.findOrPlace(volume, () -> entries(BETA));
    assertThat(second).isEqualTo(first);
  }

  @Test
  void aMapOfADeletedVolumeIsNotPlacedUnderItsNamesake() {
    Volume old = catalog.create(SPEC).volume();
    catalog.delete(NAME);
    Volume volume = catalog.create(SPEC).volume();
    assertThatThrownBy(() -> maps.findOrPlace(old, () -> entries(ALPHA)))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("doesn't exist any more");
    PartitionMap map = maps.findOrPlace(volume, () -> entries(BETA));
    assertThat(map.volume()).isEqualTo(volume.id());
    assertThat(map.servers()).containsExactly(BETA);
  }

  @Test
  void ofTwoChangesOfOneMapVersionOnlyTheFirstIsMade() {
    Volume volume = catalog.create(SPEC).volume();
    PartitionMap map = maps.findOrPlace(volume, () -> entries(ALPHA));
    PartitionMap moved = map.moved(3, List.of(BETA), List.of(BETA));
    PartitionMap other = map.moved(4, List.of(BETA), List.of(BETA));
    assertThat(maps.replace(NAME, moved).orElseThrow().entry(3).epoch()).isEqualTo(2);
    assertThat(maps.replace(NAME, other)).isEmpty();
  }

  @Test
  void aMapOfAVolumeThatIsGoneCantBePlaced() {
    Volume volume = catalog.create(SPEC).volume();
    catalog.delete(NAME);
    assertThatThrownBy(() -> maps.findOrPlace(volume, () -> entries(ALPHA)))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("doesn't exist any more");
  }

  private static List<PartitionEntry> entries(ServerId owner) {
    return Collections.nCopies(SPEC.partitions(), PartitionEntry.first(List.of(owner)));
  }
}
