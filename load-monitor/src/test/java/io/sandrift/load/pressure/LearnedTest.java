package io.sandrift.load.pressure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LearnedTest {

  /** A server with a number of units that work side by side, each 100 µs a command. */
  private record Hardware(int units) {

    double medianMicros(double inFlight) {
      return 100 * Math.max(1, inFlight / units);
    }
  }

  @Test
  void nothingIsLearnedFromWindowsWithHardlyACommand() {
    assertThat(Learned.NOTHING.after(50, 3, 100, 200)).isSameAs(Learned.NOTHING);
  }

  @Test
  void theKneeIsFoundWhereLatencyClimbs() {
    for (int units : List.of(2, 8, 64)) {
      Learned learned = Learned.NOTHING;
      Random random = new Random(units);
      for (int window = 0; window < 1000; window++) {
        learned =
            window(learned, new Hardware(units), Math.pow(2, random.nextDouble() * 10), random);
      }
      // Latency is twice its unloaded value at twice the units.
      assertThat(learned.knee()).as("%d units", units).isBetween(units * 1.2, units * 3.5);
      assertThat(learned.unloadedP99Micros()).isBetween(150.0, 450.0);
    }
  }

  @Test
  void aServerThatWasNeverLoadedKeepsItsFirstKnee() {
    Learned learned = Learned.NOTHING;
    Random random = new Random(1);
    for (int window = 0; window < 500; window++) {
      learned = window(learned, new Hardware(4), random.nextDouble(), random);
    }
    assertThat(learned.knee()).isEqualTo(Learned.FIRST_KNEE);
  }

  @Test
  void aLargerServerThanExpectedIsFoundToBeSo() {
    Learned learned = Learned.NOTHING;
    Random random = new Random(2);
    for (int window = 0; window < 500; window++) {
      learned = window(learned, new Hardware(1000), 100 * random.nextDouble(), random);
    }
    assertThat(learned.knee()).isGreaterThan(100);
  }

  @Test
  void hoursOfLoadDoNotPassForTheHardwaresOwnSpeed() {
    Learned learned = Learned.NOTHING;
    Random random = new Random(3);
    for (int window = 0; window < 100; window++) {
      learned = window(learned, new Hardware(4), 1, random);
    }
    double before = learned.unloadedP99Micros();
    for (int window = 0; window < 7200; window++) {
      learned = window(learned, new Hardware(4), 64, random);
    }
    assertThat(learned.unloadedP99Micros()).isLessThanOrEqualTo(before * 1.5);
  }

  @Property
  void whatIsLearnedStaysWithinWhatCanBe(
      @ForAll @IntRange(min = 1, max = 60) int windows,
      @ForAll @DoubleRange(max = 10_000) double depth,
      @ForAll @DoubleRange(min = 1, max = 1_000_000) double p50,
      @ForAll long seed) {
    Learned learned = Learned.NOTHING;
    Random random = new Random(seed);
    for (int i = 0; i < windows; i++) {
      double scale = 0.1 + random.nextDouble();
      learned = learned.after(depth * random.nextDouble(), 100, p50 * scale, p50 * scale * 3);
      assertThat(learned.knee()).isBetween(1.0, 8192.0);
      assertThat(learned.unloadedP99Micros()).isBetween(p50 * 0.29, p50 * 3.4);
    }
  }

  private static Learned window(
      Learned learned, Hardware hardware, double inFlight, Random random) {
    double p50 = hardware.medianMicros(inFlight) * (0.9 + 0.2 * random.nextDouble());
    double p99 = p50 * (2 + 2 * random.nextDouble());
    return learned.after(inFlight, 1000, p50, p99);
  }
}
