package io.sandrift.acceptance;

import static io.sandrift.acceptance.HistoryChecker.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.acceptance.HistoryChecker.Read;
import io.sandrift.acceptance.HistoryChecker.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryCheckerTest {

  private final List<Write> writes = new ArrayList<>(List.of(new Write(0, 0, 1)));
  private final List<Read> reads = new ArrayList<>();

  private void write(long value, long called, long ended) {
    writes.add(new Write(value, called, ended));
  }

  private void read(long value, long called, long ended) {
    reads.add(new Read(value, called, ended));
  }

  private List<String> contradictions() {
    return HistoryChecker.check(writes, reads);
  }

  @Test
  void aReadOfTheLastWriteIsExplained() {
    write(1, 10, 20);
    read(1, 30, 40);
    assertThat(contradictions()).isEmpty();
  }

  @Test
  void aReadBesideAWriteMaySeeBothValues() {
    write(1, 10, 20);
    read(0, 15, 25);
    read(1, 16, 20);
    assertThat(contradictions()).isEmpty();
  }

  @Test
  void aLostWriteIsFound() {
    write(1, 10, 20);
    read(0, 30, 40);
    assertThat(contradictions()).singleElement().asString().contains("overwritten");
  }

  @Test
  void aStaleReadIsFoundAlsoWhenTheNewValueWasOnlyRead() {
    write(1, 10, NEVER);
    read(1, 30, 40);
    read(0, 50, 60);
    assertThat(contradictions()).hasSize(1);
  }

  @Test
  void anAcknowledgedWriteThatLandsAgainIsFound() {
    write(1, 10, 20);
    write(2, 30, 40);
    read(2, 50, 60);
    read(1, 70, 80);
    assertThat(contradictions()).hasSize(1);
  }

  @Test
  void anAcknowledgedWriteThatLandsAgainWithoutAReadBetweenIsFound() {
    write(1, 10, 20);
    write(2, 30, 40);
    read(1, 70, 80);
    assertThat(contradictions()).hasSize(1);
  }

  @Test
  void aWriteThatIsNotAcknowledgedMayTakeEffectAgainAndAgain() {
    write(1, 10, 100);
    write(2, 20, 30);
    read(1, 40, 41);
    read(2, 42, 43);
    read(1, 44, 45);
    assertThat(contradictions()).as("2 was over before the read of 1 at 40").hasSize(1);
    reads.remove(1);
    assertThat(contradictions()).isEmpty();
  }

  @Test
  void aWriteThatNeverEndedMayTakeEffectLongAfter() {
    write(1, 10, NEVER);
    write(2, 20, 30);
    read(2, 40, 50);
    read(1, 60, 70);
    assertThat(contradictions()).isEmpty();
  }

  @Test
  void twoWritesAtOnceMayEndInEitherOrderButReadsMustAgreeOnceBothAreOver() {
    write(1, 10, 20);
    write(2, 15, 25);
    read(1, 30, 40);
    read(2, 50, 60);
    assertThat(contradictions()).hasSize(1);
    reads.remove(1);
    assertThat(contradictions()).isEmpty();
  }

  @Test
  void aValueThatNobodyWroteAndOneThatIsWrittenLaterAreFound() {
    read(7, 30, 40);
    write(1, 50, 60);
    read(1, 30, 40);
    assertThat(contradictions()).hasSize(2);
  }

  @Test
  void aTornBlockHasNoValue() {
    assertThat(HistoryChecker.valueOf(new long[] {5, 5, 5})).isEqualTo(5);
    assertThat(HistoryChecker.valueOf(new long[] {5, 6, 5})).isEqualTo(-1);
  }

  /** A register that is really atomic is never accused; one that forgets now and then is. */
  @Test
  void randomHistoriesOfAnAtomicRegisterAreExplainedAndThoseOfAForgetfulOneAreNot() {
    int accused = 0;
    for (long seed = 0; seed < 300; seed++) {
      assertThat(HistoryCheckerTest.history(seed, false)).as("seed %s", seed).isEmpty();
      accused += HistoryCheckerTest.history(seed, true).isEmpty() ? 0 : 1;
    }
    assertThat(accused).isGreaterThan(150);
  }

  private static List<String> history(long seed, boolean isForgetful) {
    Random random = new Random(seed);
    List<Write> writes = new ArrayList<>(List.of(new Write(0, 0, 1)));
    List<Read> reads = new ArrayList<>();
    long current = 0;
    long before = 0;
    long time = 10;
    for (int i = 1; i <= 200; i++) {
      time += 1 + random.nextInt(10);
      long called = time - random.nextInt(20);
      long ended = time + random.nextInt(20);
      if (random.nextBoolean()) {
        before = current;
        current = i;
        writes.add(new Write(i, called, random.nextInt(10) == 0 ? NEVER : ended));
      } else {
        boolean forgets = isForgetful && random.nextInt(5) == 0;
        reads.add(new Read(forgets ? before : current, called, ended));
      }
    }
    return HistoryChecker.check(writes, reads);
  }
}
