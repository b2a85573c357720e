package io.sandrift.server.repartition;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaceTest {

  private static final int PIECE = 64 * 1024;

  private long now;
  private long copiedAt = Long.MIN_VALUE / 2;

  /** The piece before the last: what clients feel is heard of a moment later. */
  private long copiedBefore = Long.MIN_VALUE / 2;

  /** What copying does to clients, and what all else does. */
  private double slowdown = 1;

  private double others = 1;
  private final Pace pace =
      new Pace(
          () -> others * (now - copiedBefore < 3_000_000_000L ? slowdown : 1),
          () -> now,
          () -> Instant.ofEpochMilli(now / 1_000_000));

  @Test
  void theLimitIsKept() {
    pace.limit(10e6);
    assertThat(copied(20)).isBetween(9e6 * 20, 10.5e6 * 20);
  }

  @Test
  void theRateFallsWhileClientsWaitAndComesBackWhenTheyDoNot() {
    pace.limit(100e6);
    copied(5);
    double before = pace.rate();
    slowdown = 3;
    copied(10);
    assertThat(pace.rate()).isLessThan(before / 10).isGreaterThanOrEqualTo(Pace.LEAST_RATE);
    slowdown = 1;
    copied(60);
    assertThat(pace.rate()).isGreaterThan(before * 0.9);
  }

  @Test
  void aLimitThatIsLiftedLeavesNoTrace() {
    double before = pace.rate();
    pace.limit(1e6);
    copied(60);
    pace.limit(0);
    assertThat(pace.rate()).isGreaterThanOrEqualTo(before);
  }

  @Test
  void itNeverStopsAltogether() {
    slowdown = 100;
    copied(120);
    assertThat(pace.rate()).isBetween(Pace.LEAST_RATE, Pace.LEAST_RATE * 1.5);
  }

  @Test
  void clientsWhoWaitForSomethingElseDoNotHoldItUp() {
    others = 5;
    copied(60);
    assertThat(pace.rate()).isGreaterThan(100e6);
    others = 20;
    copied(120);
    assertThat(pace.rate()).isGreaterThan(100e6);
  }

  @Test
  void whatOthersDidIsForgottenWhenTheyAreGone() {
    pace.limit(100e6);
    others = 5;
    copied(60);
    others = 1;
    copied(20);
    slowdown = 3;
    copied(15);
    assertThat(pace.rate()).isLessThan(10e6);
  }

  @Test
  void aServerThatWasBusyWhenCopyingBeganIsLookedAtAgain() {
    pace.limit(100e6);
    others = 5;
    slowdown = 3;
    copied(1);
    others = 1;
    copied(90);
    assertThat(pace.rate()).isLessThan(10e6);
  }

  @Test
  void whoComesLateToARestKeepsWhatIsLeftOfIt() {
    slowdown = 3;
    copied(54);
    now = TimeUnit.SECONDS.toNanos(60);
    assertThat(pace.due(PIECE)).isEqualTo(TimeUnit.SECONDS.toNanos(4));
    now = TimeUnit.SECONDS.toNanos(64);
    assertThat(pace.due(PIECE)).isLessThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void aRestIsMadeUseOfAlsoWhenTheNextPieceIsInAHurry() {
    pace.limit(100e6);
    others = 5;
    copied(50);
    others = 1;
    copied(14);
    pace.hurry();
    slowdown = 3;
    copied(20);
    assertThat(pace.rate()).isLessThan(10e6);
  }

  @Test
  void aRestEndsWhenTheCopyIsNotWantedAnyMore() {
    pace.limit(1);
    assertThat(pace.await(PIECE, () -> false)).isFalse();
  }

  @Test
  void theRateThatIsToldLeavesOutTheTimeBeforeCopyingBegan() {
    pace.limit(10e6);
    copied(10);
    now += TimeUnit.HOURS.toNanos(5);
    copied(3);
    assertThat(pace.measured()).isBetween(9e6, 11e6);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5})
  void severalThatCopyToOneServerDoNotTakeEachOtherForClients(int sources) {
    double alone = totalRate(1);
    assertThat(totalRate(sources)).isBetween(alone * 0.5, alone * 1.5);
  }

  /** What so many servers copy each second to one whose clients feel it, begun 17 s apart. */
  private double totalRate(int sources) {
    now = 0;
    ArrayDeque<Long> copiedLately = new ArrayDeque<>();
    Pace.Foreground clients =
        () -> {
          // Heard of two seconds later, as the mean of three.
          copiedLately.removeIf(at -> at < now - 5_000_000_000L);
          long heard = copiedLately.stream().filter(at -> at < now - 2_000_000_000L).count();
          return 1 + heard * (PIECE / 3.0) / 200e6;
        };
    PriorityQueue<Source> queue = new PriorityQueue<>(Comparator.comparing(Source::next));
    for (int i = 0; i < sources; i++) {
      long skew = i * 300;
      queue.add(
          new Source(
              new Pace(clients, () -> now, () -> Instant.ofEpochMilli(now / 1_000_000 + skew)),
              TimeUnit.SECONDS.toNanos(17L * i)));
    }
    double bytes = 0;
    long measuredFrom = TimeUnit.MINUTES.toNanos(5);
    long end = TimeUnit.MINUTES.toNanos(15);
    while (queue.element().next() < end) {
      Source source = queue.remove();
      now = source.next();
      long pause = source.pace().due(PIECE);
      copiedLately.add(now + pause);
      bytes += now < measuredFrom ? 0 : PIECE;
      queue.add(new Source(source.pace(), now + pause + TimeUnit.MICROSECONDS.toNanos(100)));
    }
    return bytes / TimeUnit.NANOSECONDS.toSeconds(end - measuredFrom);
  }

  private record Source(Pace pace, long next) {}

  /** Copies for so many seconds as fast as it may; the bytes that it comes to. */
  private double copied(int seconds) {
    long end = now + TimeUnit.SECONDS.toNanos(seconds);
    double bytes = 0;
    while (now < end) {
      now += pace.due(PIECE) + TimeUnit.MICROSECONDS.toNanos(100);
      copiedBefore = copiedAt;
      copiedAt = now;
      bytes += PIECE;
    }
    return bytes;
  }
}
