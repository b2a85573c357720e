package io.sandrift.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.StripedDevice;
import io.sandrift.server.peer.Lanes;
import io.sandrift.server.peer.PeerLimits;
import io.sandrift.server.peer.PeerLinks;
import io.sandrift.server.peer.PeerSecurity;
import io.sandrift.server.peer.PeerServer;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreOptions;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMaps;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.RetryOneTime;
import org.apache.curator.test.TestingServer;
import org.apache.zookeeper.KeeperException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The publisher over a real store and a real ZooKeeper. */
@Timeout(60)
class VolumePublisherTest {

  private static final ServerId SELF = new ServerId("alpha");
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final VolumeSpec SPEC = VolumeSpec.of(new VolumeName("demo"), 4 << 20);

  @TempDir Path directory;

  private final FakePresentation presentation = new FakePresentation();
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final PeerSecurity security = PeerSecurity.of(new byte[32]);
  private final PeerServer peers =
      new PeerServer(
          SELF, security, PeerLimits.DEFAULT, Lanes.NONE, loops, NioServerSocketChannel.class);
  private final PeerLinks links =
      new PeerLinks(
          SELF,
          security,
          PeerLimits.DEFAULT,
          Lanes.NONE,
          NioSocketChannel.class,
          id -> Optional.empty());
  private TestingServer server;
  private CuratorFramework zookeeper;
  private ZooKeeperVolumeCatalog catalog;
  private ExtentStore store;

  @BeforeEach
  void start() throws Exception {
    server = new TestingServer();
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(50));
    zookeeper.start();
    catalog = new ZooKeeperVolumeCatalog(zookeeper, Clock.systemUTC());
    store = ExtentStore.open(directory, StoreOptions.DEFAULT);
  }

  @AfterEach
  void stop() throws Exception {
    catalog.close();
    links.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    store.close();
    zookeeper.close();
    server.close();
  }

  @Test
  @Tag("S11")
  void whatTheCatalogHasAtTheStartIsOnlineWhenStartReturns() throws Exception {
    Volume volume = catalog.create(SPEC).volume();
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      assertThat(publisher.served(volume.id()).online()).isTrue();
      assertThat(told).containsExactly("demo");
    }
  }

  @Test
  void aVolumeCreatedLaterComesOnline() throws Exception {
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      Volume volume = catalog.create(SPEC).volume();
      assertThat(publisher.awaitOnline(volume, SOON)).isTrue();
      assertThat(publisher.served(volume.id()).urls()).hasSize(1);
    }
  }

  @Test
  void aVolumeGrowsUnderThoseWhoHaveItMounted() throws Exception {
    Volume volume = catalog.create(SPEC).volume();
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      Volume grown = catalog.grow(volume.name(), 8 << 20).orElseThrow();
      assertThat(publisher.awaitOnline(grown, SOON)).isTrue();
      assertThat(presentation.devices.get(volume.id()).length()).isEqualTo(8 << 20);
    }
  }

  @Test
  void aDeletedVolumeIsWithdrawnAndItsSpaceComesBack() throws Exception {
    Volume volume = catalog.create(SPEC).volume();
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      write(presentation.devices.get(volume.id()));
      assertThat(publisher.served(volume.id()).allocatedBytes()).isEqualTo(1 << 20);
      catalog.delete(volume.name());
      assertThat(publisher.awaitGone(volume.id(), SOON)).isTrue();
      assertThat(presentation.devices).isEmpty();
      assertThat(store.volumes()).isEmpty();
    }
  }

  @Test
  void whatWasDeletedWhileTheServerWasAwayIsFreedAtTheNextStart() throws Exception {
    Volume volume = catalog.create(SPEC).volume();
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      write(presentation.devices.get(volume.id()));
    }
    catalog.delete(volume.name());
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      assertThat(store.volumes()).isEmpty();
    }
  }

  @Test
  void aCatalogThatKnowsNothingOfAVolumeFreesNothing() throws Exception {
    Volume volume = catalog.create(SPEC).volume();
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      write(presentation.devices.get(volume.id()));
      // As if ZooKeeper's data had been lost, or another ensemble's address had been set.
      removeWithoutMark("/sandrift/volumes/demo/partitions");
      removeWithoutMark("/sandrift/volumes/demo");
      assertThat(publisher.awaitGone(volume.id(), SOON)).isTrue();
      assertThat(store.allocatedBytes(volume.id())).isEqualTo(1 << 20);
    }
  }

  @Test
  void aVolumeDeletedWhileTheWatchBeginsIsWithdrawnAsWell() throws Exception {
    for (int round = 0; round < 10; round++) {
      Volume volume = catalog.create(SPEC).volume();
      try (VolumePublisher publisher = publisher()) {
        publisher.start();
        catalog.delete(volume.name());
        assertThat(publisher.awaitGone(volume.id(), SOON)).isTrue();
      }
    }
  }

  @Test
  @Tag("S12")
  void aVolumeWhosePartitionsAreElsewhereIsServedAndItsOwnerWaitedFor() throws Exception {
    Volume volume = catalog.create(SPEC).volume();
    PartitionEntry elsewhere = PartitionEntry.first(List.of(new ServerId("beta")));
    new PartitionMaps(zookeeper)
        .findOrPlace(volume, () -> Collections.nCopies(SPEC.partitions(), elsewhere));
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      assertThat(publisher.served(volume.id()).online()).isTrue();
      assertThat(outcomeOfWriting(presentation.devices.get(volume.id())))
          .isEqualTo(IoStatus.UNAVAILABLE);
    }
  }

  @Test
  void waitingForWhatDoesNotComeEnds() throws Exception {
    try (VolumePublisher publisher = publisher()) {
      publisher.start();
      Volume volume = catalog.create(SPEC).volume();
      Volume larger = catalog.grow(volume.name(), 8 << 20).orElseThrow();
      assertThat(publisher.awaitOnline(larger, SOON)).isTrue();
      assertThat(publisher.awaitGone(volume.id(), Duration.ofMillis(20))).isFalse();
    }
  }

  private VolumePublisher publisher() {
    return new VolumePublisher(
        new ClusterVolumes(
            SELF,
            store,
            zookeeper,
            peers,
            links,
            loops.next(),
            () -> Map.of(SELF, 1.0),
            Duration.ofMillis(200)),
        store,
        catalog,
        presentation,
        volume -> told.add(volume.name().value()));
  }

  private void removeWithoutMark(String path) throws Exception {
    try {
      zookeeper.delete().forPath(path);
    } catch (KeeperException.NoNodeException e) {
      throw new AssertionError(path, e);
    }
  }

  private static void write(StripedDevice device) throws Exception {
    assertThat(outcomeOfWriting(device)).isEqualTo(IoStatus.OK);
  }

  private static IoStatus outcomeOfWriting(StripedDevice device) throws Exception {
    ByteBuf data = Unpooled.directBuffer(512).writeZero(512);
    CompletableFuture<IoStatus> done = new CompletableFuture<>();
    device.write(0, data, 0, 512, done::complete);
    IoStatus outcome = done.get(10, TimeUnit.SECONDS);
    data.release();
    return outcome;
  }
}
