package io.sandrift.server.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.block.PartitionGate.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PartitionGateTest {

  private final PartitionGate gate = new PartitionGate(4);
  private final List<Integer> released = new ArrayList<>();

  @Test
  void anAbsentPartitionSendsItsRequestsAway() {
    assertThat(enter(1)).isEqualTo(Entry.MOVED);
  }

  @Test
  void anOwnedPartitionLetsInWhatCarriesItsEpoch() {
    gate.own(3);
    assertThat(enter(3)).isEqualTo(Entry.IN);
    assertThat(gate.underWay()).isOne();
  }

  @Test
  void anOwnedPartitionSendsOtherEpochsAway() {
    gate.own(3);
    assertThat(enter(2)).isEqualTo(Entry.MOVED);
    assertThat(enter(4)).isEqualTo(Entry.MOVED);
    assertThat(gate.underWay()).isZero();
  }

  @Test
  void whatAFrozenPartitionHeldIsReleasedInOrderByItsThaw() {
    gate.own(1);
    gate.freeze(() -> {});
    for (int i = 0; i < 100; i++) {
      int number = i;
      assertThat(gate.enter(1, () -> released.add(number))).isEqualTo(Entry.HELD);
    }
    gate.thaw();
    assertThat(released).hasSize(100).isSorted();
    assertThat(enter(1)).isEqualTo(Entry.IN);
  }

  @Test
  void whatAFrozenPartitionHeldIsReleasedWhenItLeaves() {
    gate.own(1);
    gate.freeze(() -> {});
    gate.enter(1, () -> released.add(enter(1) == Entry.MOVED ? 1 : 0));
    gate.leave(2, 5);
    assertThat(released).containsExactly(1);
  }

  @Test
  void oneMoreThanTheLimitIsNotHeld() {
    gate.own(1);
    gate.freeze(() -> {});
    for (int i = 0; i < PartitionGate.MAX_HELD; i++) {
      enter(1);
    }
    assertThat(enter(1)).isEqualTo(Entry.FULL);
  }

  @Test
  void aFreezeIsQuietOnceWhatWasUnderWayHasEnded() {
    AtomicInteger quiet = new AtomicInteger();
    gate.own(1);
    enter(1);
    gate.freeze(quiet::incrementAndGet);
    enter(1);
    assertThat(quiet).hasValue(0);
    gate.leave();
    assertThat(quiet).hasValue(1);
  }

  @Test
  void aFreezeOfAnIdlePartitionIsQuietAtOnceAndOnlyOnce() {
    AtomicInteger quiet = new AtomicInteger();
    gate.own(1);
    gate.freeze(quiet::incrementAndGet);
    enter(1);
    assertThat(quiet).hasValue(1);
  }

  @Test
  void aPartitionThatWasThawedBeforeItWasQuietIsNotSaidToBe() {
    AtomicInteger quiet = new AtomicInteger();
    gate.own(1);
    enter(1);
    gate.freeze(quiet::incrementAndGet);
    gate.thaw();
    gate.leave();
    gate.leave(2, 5);
    assertThat(quiet).hasValue(0);
  }

  @Test
  void onlyAnOpenPartitionCanBeFrozen() {
    assertThat(gate.freeze(() -> {})).isFalse();
    gate.own(1);
    assertThat(gate.freeze(() -> {})).isTrue();
    assertThat(gate.freeze(() -> {})).isFalse();
  }

  @Test
  void aThawAfterThePartitionHasLeftDoesNotOpenIt() {
    gate.own(1);
    gate.freeze(() -> {});
    gate.leave(2, 5);
    gate.thaw();
    assertThat(gate.isOpen()).isFalse();
  }

  @Test
  void whatConcernsAllPartitionsPassesOneThatIsHereOrWasNeverHere() {
    assertThat(pass(4)).isEqualTo(Entry.IN);
    gate.own(1);
    assertThat(pass(0)).isEqualTo(Entry.IN);
    assertThat(gate.underWay()).isZero();
  }

  @Test
  void whatConcernsAllPartitionsAsAnOlderMapPlacesThemPassesNoneThatHasLeft() {
    gate.own(1);
    gate.freeze(() -> {});
    gate.leave(2, 5);
    assertThat(pass(4)).isEqualTo(Entry.MOVED);
    assertThat(pass(5)).isEqualTo(Entry.IN);
  }

  @Test
  void whatAnEarlierProcessGaveAwayHasLeftByTheFirstMap() {
    assertThat(pass(3)).isEqualTo(Entry.MOVED);
  }

  @Test
  void aPartitionThatMovesBetweenOthersHasNotLeft() {
    gate.leave(2, 6);
    assertThat(pass(4)).isEqualTo(Entry.IN);
  }

  @Test
  void whatConcernsAllPartitionsWaitsForAFrozenOne() {
    gate.own(1);
    gate.freeze(() -> {});
    assertThat(gate.pass(9, () -> released.add(1))).isEqualTo(Entry.HELD);
    gate.thaw();
    assertThat(released).containsExactly(1);
  }

  /** A mover freezes and thaws, or gives the partition away and gets it back, beside requests. */
  @Test
  void noInterleavingLetsARequestInWhileAPartitionIsFrozenAndQuiet() throws Exception {
    long seed = Long.getLong("sandrift.seed", System.nanoTime());
    System.out.println("PartitionGateTest: -Dsandrift.seed=" + seed);
    Random random = new Random(seed);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger asked = new AtomicInteger();
    AtomicInteger ended = new AtomicInteger();
    AtomicBoolean isStill = new AtomicBoolean();
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<String> broken = new AtomicReference<>();
    CountDownLatch over = new CountDownLatch(3);
    gate.own(1);
    for (int t = 0; t < 3; t++) {
      new Thread(
              () -> {
                while (!stop.get()) {
                  asked.incrementAndGet();
                  request(inside, ended, isStill, broken);
                }
                over.countDown();
              })
          .start();
    }
    for (int i = 0; i < 1_000; i++) {
      CountDownLatch quiet = new CountDownLatch(1);
      assertThat(gate.freeze(quiet::countDown)).isTrue();
      assertThat(quiet.await(30, TimeUnit.SECONDS)).isTrue();
      isStill.set(true);
      if (inside.get() != 0) {
        broken.set(inside + " inside a quiet partition");
      }
      isStill.set(false);
      if (random.nextBoolean()) {
        gate.thaw();
      } else {
        gate.leave(1, 5);
        gate.own(1);
      }
    }
    stop.set(true);
    assertThat(over.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(broken.get()).as("seed %d", seed).isNull();
    assertThat(ended).as("seed %d", seed).hasValue(asked.get());
  }

  private void request(
      AtomicInteger inside,
      AtomicInteger ended,
      AtomicBoolean isStill,
      AtomicReference<String> broken) {
    Entry entry = gate.enter(1, () -> request(inside, ended, isStill, broken));
    if (entry == Entry.IN) {
      inside.incrementAndGet();
      if (isStill.get()) {
        broken.set("a request entered a quiet partition");
      }
      inside.decrementAndGet();
      gate.leave();
    }
    if (entry != Entry.HELD) {
      ended.incrementAndGet();
    }
  }

  private Entry pass(long version) {
    return gate.pass(version, () -> {});
  }

  private Entry enter(long epoch) {
    return gate.enter(epoch, () -> {});
  }
}
