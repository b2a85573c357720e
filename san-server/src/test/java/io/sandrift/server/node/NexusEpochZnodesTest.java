package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
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

@Tag("S8")
@Timeout(120)
class NexusEpochZnodesTest {

  private static final String NEXUS = "iqn.2026-11.io.sandrift:host,i,0x00023d000001";

  private final Volume volume = volume();
  private TestingServer server;
  private CuratorFramework zookeeper;
  private NexusEpochZnodes epochs;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper =
        CuratorFrameworkFactory.newClient(
            server.getConnectString(), 20_000, 5_000, new RetryOneTime(50));
    zookeeper.start();
    epochs = new NexusEpochZnodes(zookeeper, "a");
  }

  @AfterEach
  void stop() throws Exception {
    zookeeper.close();
    server.close();
  }

  @Test
  void eachLoginTakesAGreaterEpochAtWhateverServer() throws Exception {
    long first = take(epochs);
    long second = take(new NexusEpochZnodes(zookeeper, "b"));
    assertThat(second).isGreaterThan(first);
    assertThat(isCurrent(first)).isFalse();
    assertThat(isCurrent(second)).isTrue();
  }

  @Test
  void anEpochIsGreaterAlsoWhenTheLastOneWasReleased() throws Exception {
    long first = take(epochs);
    epochs.release(volume, NEXUS, first);
    awaitNotCurrent(first);
    assertThat(take(epochs)).isGreaterThan(first);
  }

  @Test
  void aReleaseOfAnOlderLoginLeavesTheNewerOne() throws Exception {
    long first = take(epochs);
    long second = take(epochs);
    epochs.release(volume, NEXUS, first);
    // ZooKeeper answers one client's requests in order: the release has had its effect by now.
    assertThat(isCurrent(second)).isTrue();
    assertThat(isCurrent(second)).isTrue();
  }

  @Test
  void nexusesAndVolumesDoNotDisturbEachOther() throws Exception {
    long ours = take(epochs);
    get(epochs.take(volume, "another"));
    get(epochs.take(volume(), NEXUS));
    assertThat(isCurrent(ours)).isTrue();
  }

  @Test
  void noEpochOfADeletedVolumeIsCurrent() throws Exception {
    long epoch = take(epochs);
    epochs.forget(volume.id());
    assertThat(isCurrent(epoch)).isFalse();
  }

  @Test
  void manyLoginsAtOnceTakeDifferentEpochs() throws Exception {
    CompletableFuture<?>[] all = new CompletableFuture<?>[50];
    for (int i = 0; i < all.length; i++) {
      all[i] = epochs.take(volume, NEXUS);
    }
    get(CompletableFuture.allOf(all));
    assertThat(Arrays.stream(all).map(CompletableFuture::join)).doesNotHaveDuplicates();
  }

  @Test
  void withoutZooKeeperNothingIsTakenAndNothingIsSaidToBeCurrent() throws Exception {
    long epoch = take(epochs);
    server.stop();
    assertThatThrownBy(() -> take(epochs)).isInstanceOf(ExecutionException.class);
    assertThatThrownBy(() -> isCurrent(epoch)).isInstanceOf(ExecutionException.class);
  }

  @Test
  void anEpochOutlivesTheSessionOfTheServerThatTookIt() throws Exception {
    long epoch;
    try (CuratorFramework another =
        CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(50))) {
      another.start();
      epoch = get(new NexusEpochZnodes(another, "b").take(volume, NEXUS));
    }
    assertThat(isCurrent(epoch)).isTrue();
  }

  private void awaitNotCurrent(long epoch) throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (isCurrent(epoch)) {
      assertThat(System.nanoTime()).isLessThan(deadline);
    }
  }

  private long take(NexusEpochZnodes by) throws Exception {
    return get(by.take(volume, NEXUS));
  }

  private boolean isCurrent(long epoch) throws Exception {
    return get(epochs.isCurrent(volume, NEXUS, epoch));
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }

  private static Volume volume() {
    return new Volume(
        VolumeId.random(), VolumeSpec.of(new VolumeName("demo"), 1 << 20), Instant.EPOCH, 0);
  }
}
