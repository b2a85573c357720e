package io.sandrift.server.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("S8")
@Timeout(120)
class NexusGatesTest {

  private final NexusGates gates = new NexusGates();

  @Test
  void aNexusThatIsNewIsLetInAtOnce() {
    assertThat(open(5).enter()).isTrue();
  }

  @Test
  void aNewerLoginIsLetInOnceTheOlderOnesRequestsHaveEnded() {
    NexusGate older = open(5);
    older.enter();
    List<NexusGate> answers = opening(6);
    assertThat(answers).isEmpty();
    older.leave();
    assertThat(answers).singleElement().matches(gate -> gate.epoch() == 6);
  }

  @Test
  void nothingEntersOnceANewerLoginHasCome() {
    NexusGate older = open(5);
    open(6);
    assertThat(older.enter()).isFalse();
  }

  @Test
  void anOlderLoginIsRefused() {
    open(6);
    assertThat(opening(5)).containsExactly((NexusGate) null);
  }

  @Test
  void anOlderLoginIsRefusedAlsoWhenTheNewerOneHasLeft() {
    gates.close(open(6));
    assertThat(opening(5)).containsExactly((NexusGate) null);
  }

  @Test
  void aThirdLoginWaitsForTheFirstOnesRequestsAlthoughTheSecondNeverGotIn() {
    NexusGate first = open(5);
    first.enter();
    List<NexusGate> second = opening(6);
    List<NexusGate> third = opening(7);
    assertThat(third).isEmpty();
    first.leave();
    assertThat(second).containsExactly((NexusGate) null);
    assertThat(third).singleElement().matches(NexusGate::enter);
  }

  @Test
  void theSameLoginOverAnotherConnectionWaitsForWhatCameOverTheFirst() {
    NexusGate first = open(5);
    first.enter();
    gates.close(first);
    List<NexusGate> second = opening(5);
    List<NexusGate> third = opening(5);
    assertThat(third).isEmpty();
    first.leave();
    assertThat(third).singleElement().matches(NexusGate::enter);
  }

  @Test
  void anOpeningThatArrivesAfterItsSuccessorOverAnotherConnectionShutsNothing() {
    List<NexusGate> successor = opening(5, 2);
    assertThat(opening(5, 1)).containsExactly((NexusGate) null);
    assertThat(successor).singleElement().matches(NexusGate::enter);
  }

  @Test
  void aFencedNexusIsToldOnce() {
    AtomicInteger told = new AtomicInteger();
    gates.open("n", 5, 0, told::incrementAndGet, gate -> {});
    open(6);
    open(7);
    assertThat(told).hasValue(1);
  }

  @Test
  void aNexusThatComesAgainAtItsEpochIsNotToldThatItWasFenced() {
    AtomicInteger told = new AtomicInteger();
    gates.open("n", 5, 0, told::incrementAndGet, gate -> {});
    open(5);
    assertThat(told).hasValue(0);
  }

  @Test
  void nexusesDoNotWaitForEachOther() {
    open(5).enter();
    List<NexusGate> other = new ArrayList<>();
    gates.open("m", 6, 0, null, other::add);
    assertThat(other).hasSize(1);
  }

  @Test
  void whatIsForgottenIsRefusedBelowTheFloor() {
    for (int i = 0; i <= NexusGates.REMEMBERED; i++) {
      gates.open("n" + i, 100 + i, 0, null, gates::close);
    }
    List<NexusGate> answers = new ArrayList<>();
    gates.open("n0", 100, 0, null, answers::add);
    gates.open("n0", 101, 0, null, answers::add);
    assertThat(answers).first().isNull();
    assertThat(answers).last().isNotNull();
  }

  /**
   * Threads enter and leave at random while logins follow each other: when a login is answered,
   * nothing of an older one is inside or comes in.
   */
  @Test
  void noInterleavingLetsAnOlderRequestInBesideANewerLogin() throws Exception {
    long seed = Long.getLong("sandrift.seed", System.nanoTime());
    System.out.println("NexusGatesTest: -Dsandrift.seed=" + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      oneRound(random.nextLong(), 6);
    }
  }

  private void oneRound(long seed, int logins) throws Exception {
    NexusGates shared = new NexusGates();
    AtomicIntegerArray inside = new AtomicIntegerArray(logins + 1);
    AtomicInteger answered = new AtomicInteger();
    AtomicReference<String> broken = new AtomicReference<>();
    AtomicReference<NexusGate> current = new AtomicReference<>();
    CountDownLatch over = new CountDownLatch(3);
    AtomicInteger stop = new AtomicInteger();
    for (int t = 0; t < 3; t++) {
      Random own = new Random(seed + t);
      new Thread(
              () -> {
                while (stop.get() == 0) {
                  NexusGate gate = current.get();
                  if (gate == null || !gate.enter()) {
                    Thread.yield();
                    continue;
                  }
                  int epoch = (int) gate.epoch();
                  inside.incrementAndGet(epoch);
                  if (answered.get() > epoch) {
                    broken.set("a request of " + epoch + " got in after " + answered.get());
                  }
                  for (int i = own.nextInt(50); i > 0; i--) {
                    Thread.onSpinWait();
                  }
                  inside.decrementAndGet(epoch);
                  gate.leave();
                }
                over.countDown();
              })
          .start();
    }
    CountDownLatch answers = new CountDownLatch(logins);
    for (int epoch = 1; epoch <= logins; epoch++) {
      int login = epoch;
      shared.open(
          "n",
          login,
          0,
          null,
          gate -> {
            if (gate != null) {
              for (int older = 0; older < login; older++) {
                if (inside.get(older) != 0) {
                  broken.set("login " + login + " beside a request of " + older);
                }
              }
              answered.accumulateAndGet(login, Math::max);
              current.set(gate);
            }
            answers.countDown();
          });
      Thread.yield();
    }
    assertThat(answers.await(60, TimeUnit.SECONDS)).as("seed %d", seed).isTrue();
    stop.set(1);
    assertThat(over.await(60, TimeUnit.SECONDS)).isTrue();
    assertThat(broken.get()).as("seed %d", seed).isNull();
  }

  private NexusGate open(long epoch) {
    return opening(epoch).get(0);
  }

  private List<NexusGate> opening(long epoch) {
    return opening(epoch, 0);
  }

  private List<NexusGate> opening(long epoch, int number) {
    List<NexusGate> answers = new ArrayList<>();
    gates.open("n", epoch, number, null, answers::add);
    return answers;
  }
}
