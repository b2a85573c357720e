package io.sandrift.server.repartition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {

  private static final int PIECE = 64 * 1024;

  private long now;
  private double slowdown = 1;
  private final Pace pace = new Pace(() -> slowdown, () -> now);

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
    assertThat(pace.rate()).isEqualTo(Pace.LEAST_RATE);
  }

  /** Copies for so many seconds as fast as it may; the bytes that it comes to. */
  private double copied(int seconds) {
    long end = now + TimeUnit.SECONDS.toNanos(seconds);
    double bytes = 0;
    while (now < end) {
      now += pace.due(PIECE) + TimeUnit.MICROSECONDS.toNanos(100);
      bytes += PIECE;
    }
    return bytes;
  }
}
