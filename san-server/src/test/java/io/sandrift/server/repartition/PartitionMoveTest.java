package io.sandrift.server.repartition;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.MemoryReplica;
import io.sandrift.server.block.NexusGate;
import io.sandrift.server.block.OwnedVolume;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.server.block.ProbeRequest;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMaps;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
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

/**
 * What happens to a partition while it is copied: one move between two servers in memory, with a
 * real ZooKeeper, and something done as each piece arrives.
 */
@Tag("S12")
@Timeout(120)
class PartitionMoveTest {

  private static final ServerId FROM = new ServerId("from");
  private static final ServerId TO = new ServerId("to");
  private static final int UNIT = 1 << 20;
  private static final int PARTITIONS = 2;

  /** Of the volume; every other one is of the partition that moves. */
  private static final int UNITS = 10;

  /** Of each unit. */
  private static final int PIECES = 16;

  /** Of the partition that moves. */
  private static final int ALL_PIECES = UNITS / PARTITIONS * PIECES;

  private static TestingServer server;
  private final Map<String, PeerCalls.Handler> handlers = new ConcurrentHashMap<>();
  private final ExecutorService loop = Executors.newSingleThreadExecutor();
  private CuratorFramework zookeeper;
  private PartitionMaps maps;
  private Side source;
  private Side destination;
  private Arrivals arrivals;
  private volatile long freeBytes = 1L << 30;

  /** Done as the first piece, the second and so on come to the destination. */
  private volatile IntConsumer onPiece = piece -> {};

  @BeforeAll
  static void startZooKeeper() throws Exception {
    server = new TestingServer();
  }

  @AfterAll
  static void stopZooKeeper() throws Exception {
    server.close();
  }

  @BeforeEach
  void open() throws Exception {
    zookeeper = CuratorFrameworkFactory.newClient(server.getConnectString(), new RetryOneTime(100));
    zookeeper.start();
    maps = new PartitionMaps(zookeeper);
    Volume volume = volume(UNITS);
    zookeeper.create().creatingParentsIfNeeded().forPath("/sandrift/volumes/v");
    PartitionMap map =
        maps.findOrPlace(
            volume,
            () ->
                List.of(PartitionEntry.first(List.of(FROM)), PartitionEntry.first(List.of(FROM))));
    source = new Side(FROM, volume, map);
    destination = new Side(TO, volume, map);
    arrivals = new Arrivals(destination, new Wire(), new Room(), (id, partition) -> false, TO);
    arrivals.start();
  }

  @AfterEach
  void close() throws Exception {
    arrivals.close();
    loop.shutdown();
    zookeeper.delete().deletingChildrenIfNeeded().forPath("/sandrift");
    zookeeper.close();
  }

  @Test
  void whatIsWrittenWhileItIsCopiedMovesAlong() {
    fill();
    onPiece =
        piece -> {
          if (piece <= ALL_PIECES) {
            source.write(0, 1000 + piece);
          }
        };
    assertThat(move()).isInstanceOf(MoveOutcome.Moved.class);
    assertThat(destination.content(0)).isEqualTo(1000 + ALL_PIECES);
    assertThat(source.write(0, 7)).isEqualTo(IoStatus.MOVED);
    assertThat(source.memory.allocatedUnits()).as("partition 1's").isEqualTo(UNITS / PARTITIONS);
  }

  @Test
  void whatIsGivenBackWhileItIsCopiedReadsAsZerosAfterwards() {
    fill();
    onPiece =
        piece -> {
          if (piece == 3 * PIECES) {
            source.zero(0);
            source.zero(2);
            source.write(2, 5);
          }
        };
    assertThat(move()).isInstanceOf(MoveOutcome.Moved.class);
    assertThat(destination.content(0)).isZero();
    assertThat(destination.content(2)).isEqualTo(5);
    assertThat(destination.content(4)).isEqualTo(14);
  }

  @Test
  void aVolumeThatGrowsWhileItIsCopiedLeavesNothingBehind() {
    fill();
    onPiece =
        piece -> {
          if (piece == 1) {
            source.volume = volume(UNITS + 2);
            destination.volume = source.volume;
            source.write(UNITS, 18);
          }
        };
    assertThat(move()).isInstanceOf(MoveOutcome.Moved.class);
    assertThat(destination.content(UNITS)).isEqualTo(18);
    assertThat(source.memory.allocatedUnits()).as("partition 1's").isEqualTo(UNITS / PARTITIONS);
  }

  @Test
  void aVolumeThatIsDeletedWhileItIsCopiedStaysNowhere() {
    fill();
    onPiece =
        piece -> {
          if (piece == 1) {
            deleteVolume();
          }
        };
    assertThat(move()).isInstanceOf(MoveOutcome.Stayed.class);
    arrivals.lookAround();
    assertThat(arrivals.count()).isZero();
  }

  @Test
  void aDestinationThatFillsUpKeepsItsReserveAndNothingOfTheCopy() {
    fill();
    onPiece =
        piece -> {
          if (piece == PIECES) {
            freeBytes = UNIT;
          }
        };
    assertThat(move())
        .isInstanceOfSatisfying(
            MoveOutcome.Stayed.class,
            stayed -> assertThat(stayed.reason()).contains("server to has no room any more"));
    assertThat(destination.memory.allocatedUnits()).isZero();
    assertThat(source.write(0, 7)).isEqualTo(IoStatus.OK);
  }

  @Test
  void aPartitionThatIsWrittenFasterThanItIsCopiedStaysAndSaysSo() {
    fill();
    onPiece =
        piece -> {
          for (int unit = 0; piece % ALL_PIECES == 0 && unit < UNITS; unit += PARTITIONS) {
            source.overwrite(unit);
          }
        };
    assertThat(move())
        .isInstanceOfSatisfying(
            MoveOutcome.Stayed.class,
            stayed -> assertThat(stayed.reason()).contains("written faster than it can be copied"));
    assertThat(source.write(0, 7)).isEqualTo(IoStatus.OK);
  }

  // ---- Two servers and what is between them.

  private void fill() {
    for (int unit = 0; unit < UNITS; unit++) {
      source.overwrite(unit);
      source.write(unit, 10 + unit);
    }
  }

  private MoveOutcome move() {
    return new PartitionMove(
            FROM,
            source,
            0,
            TO,
            new Wire(),
            maps,
            new Pace(Pace.Foreground.UNKNOWN, System::nanoTime, InstantSource.system()),
            () -> source,
            () -> true,
            () -> false)
        .run();
  }

  private void deleteVolume() {
    try {
      zookeeper.delete().deletingChildrenIfNeeded().forPath("/sandrift/volumes/v");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    source.isOpen = false;
    destination.isOpen = false;
  }

  private static Volume volume(int units) {
    return new Volume(
        new VolumeId(new UUID(1, 2)),
        new VolumeSpec(new VolumeName("v"), (long) units * UNIT, 512, UNIT, PARTITIONS, "default"),
        Instant.EPOCH,
        0);
  }

  /** One server's part of the volume. */
  private final class Side implements HostedVolume, HostedVolumes {
    final MemoryReplica memory = new MemoryReplica(UNIT);
    final OwnedVolume owned;
    final NexusGate gate;
    volatile Volume volume;
    volatile PartitionMap map;
    volatile boolean isOpen = true;

    Side(ServerId self, Volume volume, PartitionMap map) {
      this.volume = volume;
      this.map = map;
      owned = new OwnedVolume(self, layout(), memory, map);
      List<NexusGate> opened = new ArrayList<>();
      owned.open("n", 1, 0, null, opened::add);
      gate = opened.get(0);
    }

    /** Writes a byte at the beginning of a unit, as a client does. */
    IoStatus write(long unit, int value) {
      return submit(Operation.WRITE, unit, Unpooled.buffer().writeInt(value), 4);
    }

    /** Writes a whole unit, and no zeros. */
    void overwrite(long unit) {
      ByteBuf bytes = Unpooled.buffer(UNIT);
      while (bytes.isWritable()) {
        bytes.writeByte(1);
      }
      submit(Operation.WRITE, unit, bytes, UNIT);
    }

    /** Gives a unit back. */
    void zero(long unit) {
      assertThat(submit(Operation.ZERO, unit, Unpooled.EMPTY_BUFFER, UNIT)).isEqualTo(IoStatus.OK);
    }

    private IoStatus submit(Operation operation, long unit, ByteBuf bytes, int length) {
      CompletableFuture<Void> ended = new CompletableFuture<>();
      ProbeRequest request =
          new ProbeRequest(operation, unit, 0, bytes, length, () -> ended.complete(null));
      owned.submit(gate, request);
      ended.join();
      return request.ends().get(0);
    }

    /** What {@link #write} wrote there, past the gates. */
    int content(long unit) {
      ByteBuf read = Unpooled.buffer(4).writerIndex(4);
      memory.read(unit, 0, read, 0, 4, status -> assertThat(status).isEqualTo(IoStatus.OK));
      return read.getInt(0);
    }

    @Override
    public Volume volume() {
      return volume;
    }

    @Override
    public OwnedVolume owned() {
      return owned;
    }

    @Override
    public PartitionReplica store() {
      return memory;
    }

    @Override
    public PartitionMap map() {
      return map;
    }

    @Override
    public CompletableFuture<PartitionMap> refresh() {
      Optional<PartitionMap> newest = maps.find(volume.name());
      newest.ifPresent(owned::follow);
      map = newest.orElse(map);
      return CompletableFuture.completedFuture(map);
    }

    @Override
    public Optional<HostedVolume> hosted(VolumeId id) {
      return isOpen ? Optional.of(this) : Optional.empty();
    }

    @Override
    public List<HostedVolume> allHosted() {
      return hosted(volume.id()).stream().toList();
    }
  }

  /** Plenty at first. */
  private final class Room implements StoreRoom {
    @Override
    public long capacityBytes() {
      return 1L << 30;
    }

    @Override
    public long freeBytes() {
      return freeBytes;
    }
  }

  /** Carries each call to the handler that was last given for its topic. */
  private final class Wire implements PeerCalls {
    private final AtomicInteger pieces = new AtomicInteger();

    @Override
    public CompletableFuture<byte[]> call(
        ServerId to, String topic, byte[] request, Duration deadline) {
      return CompletableFuture.supplyAsync(
              () -> {
                if (topic.equals(MoveMessages.DATA)) {
                  onPiece.accept(pieces.incrementAndGet());
                }
                return handlers.get(topic).handle(FROM, request);
              },
              loop)
          .thenCompose(answer -> answer);
    }

    @Override
    public void serve(String topic, Handler handler) {
      handlers.put(topic, handler);
    }
  }
}
