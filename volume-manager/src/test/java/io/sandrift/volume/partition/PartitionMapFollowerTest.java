package io.sandrift.volume.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import java.time.Clock;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("S12")
@Timeout(120)
class PartitionMapFollowerTest {

  private static final ServerId A = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final VolumeSpec SPEC = VolumeSpec.of(new VolumeName("demo"), 1 << 20);

  private final List<Integer> heard = new CopyOnWriteArrayList<>();
  private TestingServer server;
  private CuratorFramework zookeeper;
  private ZooKeeperVolumeCatalog catalog;
  private PartitionMaps maps;
  private Volume volume;
  private PartitionMap first;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper =
        CuratorFrameworkFactory.newClient(
            server.getConnectString(), 20_000, 5_000, new RetryOneTime(50));
    zookeeper.start();
    catalog = new ZooKeeperVolumeCatalog(zookeeper, Clock.systemUTC());
    maps = new PartitionMaps(zookeeper);
    volume = catalog.create(SPEC).volume();
    first = maps.findOrPlace(volume, () -> allAt(A));
  }

  @AfterEach
  void stop() throws Exception {
    catalog.close();
    zookeeper.close();
    server.close();
  }

  @Test
  void eachChangeIsHeardOfOnceAndInOrder() throws Exception {
    try (PartitionMapFollower follower = follower()) {
      follower.start();
      PartitionMap map = first;
      for (int i = 1; i <= 5; i++) {
        map = maps.replace(volume.name(), map.moved(i, List.of(B), List.of(B))).orElseThrow();
      }
      awaitVersion(follower, 5);
      assertThat(heard).isSorted().doesNotHaveDuplicates().endsWith(5);
      assertThat(follower.current()).isEqualTo(map);
    }
  }

  @Test
  void aLookFindsWhatNobodyHasToldYet() throws Exception {
    // Not started: it hears of nothing by itself.
    try (PartitionMapFollower follower = follower()) {
      PartitionMap newer =
          maps.replace(volume.name(), first.moved(0, List.of(B), List.of(B))).orElseThrow();
      assertThat(get(follower.refresh(first))).isEqualTo(newer);
      assertThat(follower.current()).isEqualTo(newer);
    }
  }

  @Test
  void aLookForWhatIsKnownAlreadyAsksNobody() throws Exception {
    try (PartitionMapFollower follower = follower()) {
      maps.replace(volume.name(), first.moved(0, List.of(B), List.of(B)));
      get(follower.refresh(first));
      server.stop();
      assertThat(get(follower.refresh(first)).version()).isOne();
    }
  }

  @Test
  void aLookWithoutZooKeeperFails() throws Exception {
    try (PartitionMapFollower follower = follower()) {
      server.stop();
      assertThatThrownBy(() -> get(follower.refresh(first))).isInstanceOf(ExecutionException.class);
    }
  }

  @Test
  void manyLooksAtOnceAllHaveAnAnswer() throws Exception {
    try (PartitionMapFollower follower = follower()) {
      maps.replace(volume.name(), first.moved(0, List.of(B), List.of(B)));
      CompletableFuture<?>[] all = new CompletableFuture<?>[100];
      for (int i = 0; i < all.length; i++) {
        all[i] = follower.refresh(first);
      }
      get(CompletableFuture.allOf(all));
      assertThat(heard).containsExactly(1);
    }
  }

  @Test
  void theMapOfANamesakeIsNotTaken() throws Exception {
    try (PartitionMapFollower follower = follower()) {
      follower.start();
      catalog.delete(SPEC.name());
      Volume namesake = catalog.create(SPEC).volume();
      PartitionMap others = maps.findOrPlace(namesake, () -> allAt(B));
      maps.replace(SPEC.name(), others.moved(0, List.of(A), List.of(A)));
      assertThat(get(follower.refresh(first))).isEqualTo(first);
      assertThat(heard).isEmpty();
    }
  }

  @Test
  void aServerThatIsLateDoesNotReplaceTheMapOfANamesake() throws Exception {
    catalog.delete(SPEC.name());
    Volume namesake = catalog.create(SPEC).volume();
    PartitionMap theirs = maps.findOrPlace(namesake, () -> allAt(B));
    assertThatThrownBy(() -> maps.findOrPlace(volume, () -> allAt(A)))
        .isInstanceOf(CatalogException.class)
        .hasMessageContaining("doesn't exist any more");
    assertThat(maps.find(SPEC.name())).contains(theirs);
  }

  @Test
  void aServerThatIsLateDoesNotPlaceTheMapOfANamesakeFirst() {
    catalog.delete(SPEC.name());
    catalog.create(SPEC);
    assertThatThrownBy(() -> maps.findOrPlace(volume, () -> allAt(A)))
        .isInstanceOf(CatalogException.class);
    assertThat(maps.find(SPEC.name())).isEmpty();
  }

  @Test
  void whatAnEarlierVolumeLeftBehindIsReplaced() throws Exception {
    catalog.delete(SPEC.name());
    Volume namesake = catalog.create(SPEC).volume();
    zookeeper.create().forPath(PartitionMaps.path(SPEC.name()), PartitionMapJson.encode(first));
    PartitionMap placed = maps.findOrPlace(namesake, () -> allAt(B));
    assertThat(placed.volume()).isEqualTo(namesake.id());
    assertThat(maps.find(SPEC.name())).contains(placed);
  }

  @Test
  void ofServersThatPlaceAtOnceTheFirstOneWins() throws Exception {
    catalog.delete(SPEC.name());
    Volume fresh = catalog.create(SPEC).volume();
    List<CompletableFuture<PartitionMap>> all =
        List.of(A, B, new ServerId("c"), new ServerId("d")).stream()
            .map(
                id -> CompletableFuture.supplyAsync(() -> maps.findOrPlace(fresh, () -> allAt(id))))
            .toList();
    PartitionMap winner = maps.findOrPlace(fresh, () -> allAt(A));
    for (CompletableFuture<PartitionMap> each : all) {
      assertThat(get(each)).isEqualTo(winner);
    }
  }

  private PartitionMapFollower follower() {
    return new PartitionMapFollower(
        zookeeper, volume.name(), first, map -> heard.add(map.version()));
  }

  private void awaitVersion(PartitionMapFollower follower, int version) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (follower.current().version() < version) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      TimeUnit.MILLISECONDS.sleep(5);
    }
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  private static List<PartitionEntry> allAt(ServerId server) {
    return Collections.nCopies(SPEC.partitions(), PartitionEntry.first(List.of(server)));
  }
}
