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
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Owners that answer as they are told; partition 0 is here, 1 at b, 2 at c. */
@Tag("S12")
@Timeout(60)
class RoutedReplicaTest {

  private static final ServerId HERE = new ServerId("a");
  private static final ServerId B = new ServerId("b");
  private static final ServerId C = new ServerId("c");
  private static final Duration PATIENT = Duration.ofSeconds(40);

  private final ScheduledExecutorService loop = Executors.newSingleThreadScheduledExecutor();
  private final FakeMaps maps = new FakeMaps();
  private final Map<ServerId, FakeOwner> owners = new ConcurrentHashMap<>();
  private final AtomicInteger fenced = new AtomicInteger();

  @AfterEach
  void stop() {
    loop.shutdownNow();
  }

  @Test
  void eachUnitGoesToItsPartitionsOwner() throws Exception {
    RoutedReplica routed = routed(PATIENT);
    for (int unit = 0; unit < 6; unit++) {
      assertThat(write(routed, unit)).isEqualTo(IoStatus.OK);
    }
    assertThat(owner(HERE).units()).containsExactly(0L, 3L);
    assertThat(owner(B).units()).containsExactly(1L, 4L);
    assertThat(owner(C).units()).containsExactly(2L, 5L);
    assertThat(routed.localOperations()).isEqualTo(2);
    assertThat(routed.remoteOperations()).containsEntry(B, 2L).containsEntry(C, 2L);
  }

  @Test
  void aMovedPartitionIsFoundAtItsNewOwnerWithoutAPause() throws Exception {
    RoutedReplica routed = routed(PATIENT);
    maps.next = maps.current.moved(1, List.of(C), List.of(C));
    owner(B).answer(IoStatus.MOVED);
    assertThat(write(routed, 1)).isEqualTo(IoStatus.OK);
    assertThat(owner(C).requests.get(0).epoch()).isEqualTo(2);
    assertThat(maps.refreshes).hasValue(1);
  }

  @Test
  void anOwnerThatKnowsANewerMapThanAnybodyElseIsAskedAgain() throws Exception {
    owner(B).answer(IoStatus.MOVED, IoStatus.MOVED, IoStatus.MOVED);
    assertThat(write(routed(PATIENT), 1)).isEqualTo(IoStatus.OK);
    assertThat(owner(B).requests).hasSize(4);
  }

  @Test
  void anOwnerThatCantBeReachedIsAskedAgain() throws Exception {
    owner(B).answer(IoStatus.UNAVAILABLE, IoStatus.CUT_OFF, IoStatus.UNAVAILABLE);
    assertThat(write(routed(PATIENT), 1)).isEqualTo(IoStatus.OK);
    assertThat(owner(B).requests).hasSize(4);
  }

  @Test
  void patienceHasAnEnd() throws Exception {
    owner(B).always = IoStatus.UNAVAILABLE;
    assertThat(write(routed(Duration.ofMillis(50)), 1)).isEqualTo(IoStatus.UNAVAILABLE);
    assertThat(owner(B).requests).isNotEmpty();
  }

  @Test
  void partitionsThatMoveForEverEndInUnavailable() throws Exception {
    owner(B).always = IoStatus.MOVED;
    assertThat(write(routed(Duration.ofMillis(50)), 1)).isEqualTo(IoStatus.UNAVAILABLE);
  }

  @Test
  void whileTheMapCantBeReadTheRequestWaits() throws Exception {
    owner(B).answer(IoStatus.MOVED);
    maps.failures = 2;
    assertThat(write(routed(PATIENT), 1)).isEqualTo(IoStatus.OK);
  }

  @Test
  void thisServersOwnBusinessIsNotTriedAgain() throws Exception {
    owner(HERE).answer(IoStatus.UNAVAILABLE);
    assertThat(write(routed(PATIENT), 0)).isEqualTo(IoStatus.UNAVAILABLE);
    assertThat(owner(HERE).requests).hasSize(1);
  }

  @Test
  void aCompareAndWriteThatWasCutOffIsNeverSentTwice() throws Exception {
    owner(B).answer(IoStatus.CUT_OFF);
    CompletableFuture<IoStatus> ended = new CompletableFuture<>();
    routed(PATIENT)
        .compareAndWrite(
            1, 0, Unpooled.buffer(16), 0, 8, (status, mismatch) -> ended.complete(status));
    assertThat(get(ended)).isEqualTo(IoStatus.CUT_OFF);
    assertThat(owner(B).requests).hasSize(1);
  }

  @Test
  void aCompareAndWriteThatWasNotSentIsSent() throws Exception {
    owner(B).answer(IoStatus.UNAVAILABLE, IoStatus.MOVED);
    CompletableFuture<IoStatus> ended = new CompletableFuture<>();
    routed(PATIENT)
        .compareAndWrite(
            1, 0, Unpooled.buffer(16), 0, 8, (status, mismatch) -> ended.complete(status));
    assertThat(get(ended)).isEqualTo(IoStatus.OK);
  }

  @Test
  void aMiscompareTellsWhere() throws Exception {
    owner(B).before = request -> request.setMismatchOffset(5);
    owner(B).answer(IoStatus.MISCOMPARE);
    CompletableFuture<Integer> where = new CompletableFuture<>();
    routed(PATIENT)
        .compareAndWrite(
            1, 0, Unpooled.buffer(16), 0, 8, (status, mismatch) -> where.complete(mismatch));
    assertThat(get(where)).isEqualTo(5);
  }

  @Test
  @Tag("S8")
  void aFencedNexusIsToldOnceAndItsRequestsEnd() throws Exception {
    owner(B).always = IoStatus.FENCED;
    owner(C).always = IoStatus.FENCED;
    RoutedReplica routed = routed(PATIENT);
    assertThat(write(routed, 1)).isEqualTo(IoStatus.FENCED);
    assertThat(write(routed, 2)).isEqualTo(IoStatus.FENCED);
    assertThat(fenced).hasValue(1);
  }

  @Test
  void aFlushAsksEveryOwnerAndOneFailureIsTheWholes() throws Exception {
    owner(C).answer(IoStatus.MEDIUM_ERROR);
    CompletableFuture<IoStatus> ended = new CompletableFuture<>();
    routed(PATIENT).flush(ended::complete);
    assertThat(get(ended)).isEqualTo(IoStatus.MEDIUM_ERROR);
    assertThat(List.of(owner(HERE), owner(B), owner(C)))
        .allMatch(owner -> owner.requests.get(0).operation() == Operation.FLUSH);
  }

  @Test
  void aFlushOfARangeAsksItsOwnersAlone() throws Exception {
    CompletableFuture<IoStatus> ended = new CompletableFuture<>();
    routed(PATIENT).flush(4, 5, ended::complete);
    assertThat(get(ended)).isEqualTo(IoStatus.OK);
    assertThat(owner(HERE).requests).isEmpty();
    assertThat(owner(B).requests).hasSize(1);
    assertThat(owner(C).requests).hasSize(1);
  }

  @Test
  void aFlushOfALongRangeAsksEachOwnerOnce() throws Exception {
    CompletableFuture<IoStatus> ended = new CompletableFuture<>();
    routed(PATIENT).flush(7, Integer.MAX_VALUE, ended::complete);
    assertThat(get(ended)).isEqualTo(IoStatus.OK);
    assertThat(List.of(owner(HERE), owner(B), owner(C)))
        .allMatch(owner -> owner.requests.size() == 1);
  }

  @Test
  void aFlushTellsEachOwnerTheMapThatItWasChosenBy() throws Exception {
    maps.current = new PartitionMap(maps.current.volume(), 41, maps.current.entries());
    assertThat(flush(routed(PATIENT))).isEqualTo(IoStatus.OK);
    assertThat(List.of(owner(HERE), owner(B), owner(C)))
        .allMatch(owner -> owner.requests.get(0).epoch() == 41);
  }

  @Test
  void aFlushByAnOldMapAsksAllAnewByTheNewerOne() throws Exception {
    ServerId d = new ServerId("d");
    maps.next = maps.current.moved(1, List.of(d), List.of(d));
    owner(B).answer(IoStatus.MOVED);
    assertThat(flush(routed(PATIENT))).isEqualTo(IoStatus.OK);
    assertThat(owner(d).requests).as("the new owner").hasSize(1);
    assertThat(owner(B).requests).as("the former owner").hasSize(1);
    assertThat(owner(C).requests).extracting(BlockRequest::epoch).containsExactly(0L, 1L);
  }

  @Test
  void aFlushWhoseOwnersMoveForEverEnds() throws Exception {
    owner(B).always = IoStatus.MOVED;
    assertThat(flush(routed(Duration.ofMillis(50)))).isEqualTo(IoStatus.UNAVAILABLE);
  }

  @Test
  void aFlushIsRepeatedUntilEveryOwnerIsReached() throws Exception {
    owner(B).answer(IoStatus.UNAVAILABLE);
    owner(C).answer(IoStatus.OK, IoStatus.CUT_OFF);
    assertThat(flush(routed(PATIENT))).isEqualTo(IoStatus.OK);
    assertThat(owner(C).requests).hasSize(3);
  }

  @Test
  void aFlushThatFailsAtOneOwnerIsNotRepeatedForAnother() throws Exception {
    owner(B).answer(IoStatus.MEDIUM_ERROR);
    owner(C).answer(IoStatus.UNAVAILABLE);
    assertThat(flush(routed(PATIENT))).isEqualTo(IoStatus.MEDIUM_ERROR);
    assertThat(owner(C).requests).hasSize(1);
  }

  @Test
  void whatIsAllocatedIsPutTogetherFromAllOwnersWithoutTheirLeftovers() throws Exception {
    owner(HERE).before = request -> request.setAllocated(BitSet.valueOf(new long[] {0b101}));
    owner(B).before = request -> request.setAllocated(BitSet.valueOf(new long[] {0b010}));
    CompletableFuture<BitSet> ended = new CompletableFuture<>();
    routed(PATIENT).allocation(0, 3, (status, allocated) -> ended.complete(allocated));
    assertThat(get(ended).stream()).containsExactly(0, 1);
  }

  @Test
  void anOldAnswerToWhatIsAllocatedIsForgottenWhenAPartitionHasMoved() throws Exception {
    maps.next = maps.current.moved(1, List.of(C), List.of(C));
    owner(HERE).before = request -> request.setAllocated(BitSet.valueOf(new long[] {0b001}));
    owner(B).answer(IoStatus.MOVED);
    owner(C).before = request -> request.setAllocated(BitSet.valueOf(new long[] {0b110}));
    CompletableFuture<BitSet> ended = new CompletableFuture<>();
    routed(PATIENT).allocation(0, 3, (status, allocated) -> ended.complete(allocated));
    assertThat(get(ended).stream()).containsExactly(0, 1, 2);
  }

  @Test
  void aVolumeThatHasGrownIsRoutedByTheSamePartitions() throws Exception {
    assertThat(write(routed(PATIENT), 3_000_001)).isEqualTo(IoStatus.OK);
    assertThat(owner(B).units()).containsExactly(3_000_001L);
  }

  @Test
  void afterTheCloseNothingIsBegunAndWhatWaitsEnds() throws Exception {
    owner(B).always = IoStatus.UNAVAILABLE;
    CompletableFuture<BlockRequest> asked = new CompletableFuture<>();
    owner(B).before = asked::complete;
    RoutedReplica routed = routed(PATIENT);
    CompletableFuture<IoStatus> waiting = new CompletableFuture<>();
    routed.write(1, 0, Unpooled.buffer(1), 0, 1, waiting::complete);
    get(asked);
    routed.close();
    assertThat(get(waiting)).isEqualTo(IoStatus.UNAVAILABLE);
    assertThat(write(routed, 0)).isEqualTo(IoStatus.UNAVAILABLE);
    assertThat(fenced).hasValue(0);
    loop.submit(() -> {}).get(20, TimeUnit.SECONDS);
    assertThat(owner(B).isClosed).isTrue();
  }

  @Test
  void withItsThreadGoneARequestEnds() throws Exception {
    RoutedReplica routed = routed(PATIENT);
    loop.shutdownNow();
    assertThat(write(routed, 1)).isEqualTo(IoStatus.UNAVAILABLE);
    assertThat(routed.open().get(20, TimeUnit.SECONDS)).isNull();
  }

  @Test
  void openingReachesEveryOtherOwnerAndSurvivesThoseThatAreAway() throws Exception {
    owner(B).opening = CompletableFuture.failedFuture(new IllegalStateException("away"));
    routed(PATIENT).open().get(20, TimeUnit.SECONDS);
    assertThat(owner(B).opened).isOne();
    assertThat(owner(C).opened).isOne();
    assertThat(owner(HERE).opened).isZero();
  }

  private static IoStatus flush(RoutedReplica routed) throws Exception {
    CompletableFuture<IoStatus> ended = new CompletableFuture<>();
    routed.flush(ended::complete);
    return get(ended);
  }

  private IoStatus write(RoutedReplica routed, long unit) throws Exception {
    CompletableFuture<IoStatus> ended = new CompletableFuture<>();
    ByteBuf data = Unpooled.buffer(1).writeZero(1);
    routed.write(unit, 0, data, 0, 1, ended::complete);
    return get(ended);
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(50, TimeUnit.SECONDS);
  }

  private RoutedReplica routed(Duration patience) {
    return new RoutedReplica(
        new StripeLayout(StripeLayout.MIN_UNIT_BYTES, 3),
        maps,
        HERE,
        owner(HERE),
        this::owner,
        loop,
        patience,
        fenced::incrementAndGet);
  }

  private FakeOwner owner(ServerId server) {
    return owners.computeIfAbsent(server, id -> new FakeOwner());
  }

  private static final class FakeOwner implements PartitionOwner {

    private final Queue<IoStatus> answers = new ConcurrentLinkedQueue<>();
    private final List<BlockRequest> requests = new CopyOnWriteArrayList<>();
    private volatile IoStatus always = IoStatus.OK;
    private volatile Consumer<BlockRequest> before = request -> {};
    private volatile CompletableFuture<Void> opening = CompletableFuture.completedFuture(null);
    private volatile int opened;
    private volatile boolean isClosed;

    void answer(IoStatus... statuses) {
      answers.addAll(List.of(statuses));
    }

    List<Long> units() {
      List<Long> units = new ArrayList<>();
      requests.forEach(request -> units.add(request.unit()));
      return units;
    }

    @Override
    public void submit(BlockRequest request) {
      requests.add(request);
      before.accept(request);
      IoStatus next = answers.poll();
      request.end(next == null ? always : next);
    }

    @Override
    public CompletableFuture<Void> open() {
      opened = opened + 1;
      return opening;
    }

    @Override
    public void close() {
      isClosed = true;
    }
  }

  private static final class FakeMaps implements MapSource {

    private volatile PartitionMap current =
        new PartitionMap(
            VolumeId.random(),
            0,
            List.of(
                PartitionEntry.first(List.of(HERE)),
                PartitionEntry.first(List.of(B)),
                PartitionEntry.first(List.of(C))));
    private volatile PartitionMap next = current;
    private final AtomicInteger refreshes = new AtomicInteger();
    private volatile int failures;

    @Override
    public PartitionMap current() {
      return current;
    }

    @Override
    public CompletableFuture<PartitionMap> refresh(PartitionMap known) {
      refreshes.incrementAndGet();
      if (failures > 0) {
        failures = failures - 1;
        return CompletableFuture.failedFuture(new IllegalStateException("no ZooKeeper"));
      }
      current = new PartitionMap(next.volume(), known.version() + 1, next.entries());
      if (next.entries().equals(known.entries())) {
        current = known;
      }
      return CompletableFuture.completedFuture(current);
    }
  }
}
