package io.sandrift.server.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Partitions 0 and 1 are here, 2 and 3 elsewhere. */
class OwnedVolumeTest {

  private static final ServerId HERE = new ServerId("here");
  private static final ServerId ELSEWHERE = new ServerId("elsewhere");
  private static final int UNIT = StripeLayout.MIN_UNIT_BYTES;

  private final MemoryReplica memory = new MemoryReplica(UNIT);
  private final HoldingReplica store = new HoldingReplica(memory);
  private final PartitionMap map =
      new PartitionMap(
              VolumeId.random(),
              0,
              List.of(entry(HERE), entry(HERE), entry(ELSEWHERE), entry(HERE)))
          .moved(3, List.of(ELSEWHERE), List.of(ELSEWHERE));
  private final OwnedVolume volume = new OwnedVolume(HERE, new StripeLayout(UNIT, 4), store, map);
  private final NexusGate gate = open("n", 1);

  @Test
  void whatIsWrittenIsRead() {
    submit(ProbeRequest.write(0, 7));
    ProbeRequest read = submit(ProbeRequest.read(0));
    assertThat(read.ends()).containsExactly(IoStatus.OK);
    assertThat(read.buffer().getByte(0)).isEqualTo((byte) 7);
  }

  @Test
  void aPartitionOfAnotherServerHasMoved() {
    assertThat(submit(ProbeRequest.write(2, 7)).ends()).containsExactly(IoStatus.MOVED);
    assertThat(memory.allocatedUnits()).isZero();
  }

  @Test
  void aRequestByAnotherEntryHasMoved() {
    ProbeRequest request = ProbeRequest.write(0, 7);
    request.setEpoch(2);
    assertThat(submit(request).ends()).containsExactly(IoStatus.MOVED);
  }

  @Test
  @Tag("S8")
  void aWriteHeldBackNeverLandsAfterANewerLoginsWrite() {
    store.hold();
    ProbeRequest old = submit(ProbeRequest.write(0, 1));
    List<NexusGate> newer = new ArrayList<>();
    volume.open("n", 2, 0, null, newer::add);
    assertThat(newer).as("the newer login waits").isEmpty();
    store.release();
    assertThat(old.ends()).containsExactly(IoStatus.OK);
    volume.submit(newer.get(0), ProbeRequest.write(0, 2));
    assertThat(byteAt(0)).isEqualTo((byte) 2);
  }

  @Test
  @Tag("S8")
  void whatComesLateFromAFencedLoginIsDropped() {
    NexusGate newer = open("n", 2);
    volume.submit(newer, ProbeRequest.write(0, 2));
    assertThat(submit(ProbeRequest.write(0, 1)).ends()).containsExactly(IoStatus.FENCED);
    assertThat(byteAt(0)).isEqualTo((byte) 2);
  }

  @Test
  @Tag("S8")
  void aRequestThatAFrozenPartitionHoldsIsFencedByANewerLogin() {
    volume.partitionNumber(0).freeze(() -> {});
    ProbeRequest held = submit(ProbeRequest.write(0, 1));
    List<NexusGate> newer = new ArrayList<>();
    volume.open("n", 2, 0, null, newer::add);
    assertThat(newer).isEmpty();
    volume.partitionNumber(0).thaw();
    assertThat(held.ends()).containsExactly(IoStatus.FENCED);
    assertThat(newer).hasSize(1);
    assertThat(memory.allocatedUnits()).isZero();
  }

  @Test
  void aRequestThatAFrozenPartitionHoldsGoesOnAfterTheThaw() {
    volume.partitionNumber(0).freeze(() -> {});
    ProbeRequest held = submit(ProbeRequest.write(0, 1));
    assertThat(held.ends()).isEmpty();
    volume.partitionNumber(0).thaw();
    assertThat(held.ends()).containsExactly(IoStatus.OK);
  }

  @Test
  void aPartitionThatLeavesSendsAwayWhatItHeld() {
    volume.partitionNumber(0).freeze(() -> {});
    ProbeRequest held = submit(ProbeRequest.write(0, 1));
    volume.partitionNumber(0).leave(2, 1);
    assertThat(held.ends()).containsExactly(IoStatus.MOVED);
  }

  @Test
  void anAtomicRequestOverPartitionsThatAreAllHereIsCarriedOut() {
    ProbeRequest atomic = submit(atomic(0));
    assertThat(atomic.ends()).containsExactly(IoStatus.OK);
    assertThat(byteAt(1)).isEqualTo((byte) 9);
    assertThat(volume.partitionNumber(1).underWay()).isZero();
  }

  @Test
  void anAtomicRequestThatReachesIntoAnotherServersPartitionIsRefusedWhole() {
    ProbeRequest atomic = submit(atomic(1));
    assertThat(atomic.ends()).containsExactly(IoStatus.SPLIT);
    assertThat(memory.allocatedUnits()).isZero();
    assertThat(volume.partitionNumber(1).underWay()).isZero();
  }

  @Test
  void anAtomicRequestWaitsForEachFrozenPartitionThatItTouches() {
    volume.partitionNumber(1).freeze(() -> {});
    ProbeRequest atomic = submit(atomic(0));
    assertThat(atomic.ends()).isEmpty();
    assertThat(volume.partitionNumber(0).underWay()).isZero();
    volume.partitionNumber(1).thaw();
    assertThat(atomic.ends()).containsExactly(IoStatus.OK);
  }

  @Test
  void whatIsAllocatedIsAskedOfTheStore() {
    ByteBuf one = Unpooled.wrappedBuffer(new byte[] {1});
    memory.write(1, 0, one, 0, 1, status -> {});
    ProbeRequest request =
        submit(new ProbeRequest(Operation.ALLOCATION, 0, 0, Unpooled.EMPTY_BUFFER, 4, () -> {}));
    assertThat(request.allocated().stream()).containsExactly(1);
  }

  @Test
  void aFlushReachesTheStore() {
    assertThat(flush(map.version()).ends()).containsExactly(IoStatus.OK);
    assertThat(memory.flushes()).isOne();
  }

  @Test
  void aFlushByAMapThatPlacesHereWhatHasLeftIsSentAway() {
    volume.follow(elsewhere(1));
    assertThat(flush(map.version()).ends()).containsExactly(IoStatus.MOVED);
    assertThat(flush(map.version() + 1).ends()).containsExactly(IoStatus.OK);
    assertThat(memory.flushes()).isOne();
  }

  @Test
  void aFlushWaitsUntilAPartitionThatIsOnItsWayHasLeft() {
    PartitionHandover handover = volume.handOver(1, (unit, offset, length) -> {});
    handover.freeze(() -> {});
    ProbeRequest flush = flush(map.version());
    assertThat(flush.ends()).isEmpty();
    handover.left(2, map.version() + 1);
    assertThat(flush.ends()).containsExactly(IoStatus.MOVED);
    assertThat(memory.flushes()).isZero();
  }

  @Test
  void aFlushWaitsUntilAPartitionThatWasOnItsWayStays() {
    PartitionHandover handover = volume.handOver(1, (unit, offset, length) -> {});
    handover.freeze(() -> {});
    ProbeRequest flush = flush(map.version());
    handover.thaw();
    assertThat(flush.ends()).containsExactly(IoStatus.OK);
  }

  @Test
  void aFlushUnderWayWhenAPartitionLeavesEndsAsTheStoreSays() {
    store.hold();
    ProbeRequest flush = flush(map.version());
    volume.follow(elsewhere(0));
    store.release();
    assertThat(flush.ends()).containsExactly(IoStatus.OK);
  }

  @Test
  void aNewerMapGivesAndTakesPartitions() {
    volume.follow(
        map.moved(0, List.of(ELSEWHERE), List.of(ELSEWHERE))
            .moved(2, List.of(HERE), List.of(HERE)));
    assertThat(submit(ProbeRequest.write(0, 1)).ends()).containsExactly(IoStatus.MOVED);
    ProbeRequest taken = ProbeRequest.write(2, 1);
    taken.setEpoch(2);
    assertThat(submit(taken).ends()).containsExactly(IoStatus.OK);
  }

  @Test
  void anOlderMapChangesNothing() {
    volume.follow(
        new PartitionMap(
            map.volume(), 0, List.of(entry(HERE), entry(HERE), entry(HERE), entry(HERE))));
    assertThat(submit(ProbeRequest.write(3, 1)).ends()).containsExactly(IoStatus.MOVED);
  }

  @Test
  void onlyWhatLiesInItsUnitIsAllowed() {
    assertThat(volume.allows(Operation.WRITE, UNIT - 4, 4)).isTrue();
    assertThat(volume.allows(Operation.WRITE, UNIT - 4, 5)).isFalse();
    assertThat(volume.allows(Operation.READ, Integer.MAX_VALUE, Integer.MAX_VALUE)).isFalse();
    assertThat(volume.allows(Operation.WRITE_ATOMIC, UNIT - 4, 5)).isTrue();
    assertThat(volume.allows(Operation.WRITE_ATOMIC, UNIT, 5)).isFalse();
  }

  /** Two bytes: the last of {@code unit} and the first of the next. */
  private static ProbeRequest atomic(long unit) {
    return new ProbeRequest(
        Operation.WRITE_ATOMIC,
        unit,
        UNIT - 1,
        Unpooled.wrappedBuffer(new byte[] {9, 9}),
        2,
        () -> {});
  }

  private ProbeRequest flush(int version) {
    ProbeRequest flush =
        new ProbeRequest(Operation.FLUSH, 0, 0, Unpooled.EMPTY_BUFFER, 0, () -> {});
    flush.setEpoch(version);
    return submit(flush);
  }

  /** The next map, in which that partition of this server has left. */
  private PartitionMap elsewhere(int partition) {
    return new PartitionMap(
        map.volume(),
        map.version() + 1,
        map.moved(partition, List.of(ELSEWHERE), List.of(ELSEWHERE)).entries());
  }

  private byte byteAt(long unit) {
    ByteBuf buffer = Unpooled.wrappedBuffer(new byte[1]);
    memory.read(unit, 0, buffer, 0, 1, status -> {});
    return buffer.getByte(0);
  }

  private ProbeRequest submit(ProbeRequest request) {
    volume.submit(gate, request);
    return request;
  }

  private NexusGate open(String nexus, long epoch) {
    List<NexusGate> opened = new ArrayList<>();
    volume.open(nexus, epoch, 0, null, opened::add);
    return opened.get(0);
  }

  private static PartitionEntry entry(ServerId server) {
    return PartitionEntry.first(List.of(server));
  }
}
