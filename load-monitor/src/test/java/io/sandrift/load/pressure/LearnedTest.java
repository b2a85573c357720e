package io.sandrift.load.pressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
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
    assertThat(Learned.NOTHING.after(50, 3, 100, 200, 0)).isSameAs(Learned.NOTHING);
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

  /** The worked example of docs/load.md. */
  @Test
  void theExampleOfTheDocumentationIsRight() {
    Learned learned = Learned.NOTHING;
    for (int round = 0; round < 400; round++) {
      learned = learned.after(1, 1000, 100, 300, 0);
      learned = learned.after(8, 1000, 160, 500, 0);
      learned = learned.after(16, 1000, 320, 900, 0);
    }
    assertThat(learned.knee()).isCloseTo(9.5, within(0.2));
  }

  @Test
  void whatWasSlowBeforeItsCodeWasCompiledIsNotHeldAgainstTheServer() {
    Learned learned = Learned.NOTHING;
    double micros = 2000;
    for (int window = 0; window < 120; window++) {
      learned = learned.after(1 + window % 12, 1000, micros, 3 * micros, 0);
      micros = Math.max(6, 0.95 * micros);
    }
    for (int window = 0; window < 600; window++) {
      learned = learned.after(0.3, 1000, 6, 18, 0);
    }
    assertThat(learned.knee()).isGreaterThanOrEqualTo(0.9 * Learned.FIRST_KNEE);
  }

  @Test
  void commandsThatWaitForMoreThanEachOtherAreNoSignOfASmallServer() {
    Learned learned = Learned.NOTHING;
    for (int window = 0; window < 300; window++) {
      // Hardly ever two at a time, and yet ten times as slow every other second.
      learned = learned.after(1.2, 1000, window % 2 == 0 ? 100 : 1000, 5000, 0);
    }
    assertThat(learned.knee()).isGreaterThanOrEqualTo(Learned.FIRST_KNEE);
  }

  @Test
  void aBadMomentLeavesTheKneeNearWhereItWas() {
    Hardware hardware = new Hardware(16);
    Random random = new Random(4);
    Learned learned = Learned.NOTHING;
    for (int window = 0; window < 1000; window++) {
      learned = window(learned, hardware, 64 * random.nextDouble(), random);
    }
    double before = learned.knee();
    for (int window = 0; window < 10; window++) {
      learned = learned.after(8, 1000, 50_000, 200_000, 0);
    }
    assertThat(learned.knee()).isBetween(before / 1.15, before * 1.15);
  }

  @Test
  @Tag("I12")
  void equalServersWithDifferentPastsAgree() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      Learned one = slowStart(Learned.NOTHING, 1 + random.nextInt(10), random);
      Learned other = slowStart(Learned.NOTHING, 100 + random.nextInt(200), random);
      for (int window = 0; window < 1200; window++) {
        double inFlight = 40 * random.nextDouble();
        one = window(one, new Hardware(8), inFlight, random);
        other = window(other, new Hardware(8), inFlight, random);
      }
      assertThat(other.knee() / one.knee()).as("seed %d", seed).isBetween(1 / 1.15, 1.15);
    }
  }

  /** Windows of a server that begins a hundred times as slow as it will be. */
  private static Learned slowStart(Learned learned, int windows, Random random) {
    Learned next = learned;
    for (int window = 0; window < windows; window++) {
      double inFlight = 40 * random.nextDouble();
      double micros =
          new Hardware(8).medianMicros(inFlight) * Math.pow(100, 1 - (double) window / windows);
      next = next.after(inFlight, 1000, micros, 4 * micros, 0);
    }
    return next;
  }

  @Property
  void fewWindowsNeverMoveTheKnee(
      @ForAll @IntRange(min = 1, max = 29) int windows,
      @ForAll @DoubleRange(max = 10_000) double depth,
      @ForAll @DoubleRange(min = 1, max = 1_000_000) double p50,
      @ForAll long seed) {
    Random random = new Random(seed);
    Learned learned = Learned.NOTHING;
    for (int i = 0; i < windows; i++) {
      double micros = p50 * (0.1 + random.nextDouble());
      learned = learned.after(depth * random.nextDouble(), 100, micros, 3 * micros, 0);
    }
    assertThat(learned.knee()).isCloseTo(Learned.FIRST_KNEE, within(1e-6));
  }

  @Property
  void whatHappensBesideBusyNeighboursTeachesNothing(
      @ForAll @IntRange(min = 1, max = 300) int windows,
      @ForAll @DoubleRange(max = 1_000) double depth,
      @ForAll @DoubleRange(min = 0.51, max = 1) double othersCpu) {
    Learned learned = Learned.NOTHING;
    for (int i = 0; i < windows; i++) {
      learned = learned.after(depth, 100, 100 + 100 * i, 1000 + 100 * i, othersCpu);
    }
    assertThat(learned).isSameAs(Learned.NOTHING);
  }

  @Property(tries = 100)
  void aServerThatIsSoManyTimesAsFastHasTheSameKnee(
      @ForAll @DoubleRange(min = 0.01, max = 100) double times, @ForAll long seed) {
    Random random = new Random(seed);
    Learned one = Learned.NOTHING;
    Learned other = Learned.NOTHING;
    for (int i = 0; i < 300; i++) {
      double inFlight = 100 * random.nextDouble();
      double micros = new Hardware(8).medianMicros(inFlight);
      one = one.after(inFlight, 1000, micros, 3 * micros, 0);
      other = other.after(inFlight, 1000, micros * times, 3 * micros * times, 0);
    }
    assertThat(other.knee()).isCloseTo(one.knee(), withinPercentage(0.1));
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
      learned = learned.after(depth * random.nextDouble(), 100, p50 * scale, p50 * scale * 3, 0);
      assertThat(learned.knee()).isBetween(2.0, 8192.0);
      assertThat(learned.unloadedP99Micros()).isBetween(p50 * 0.29, p50 * 3.4);
    }
  }

  private static Learned window(
      Learned learned, Hardware hardware, double inFlight, Random random) {
    double p50 = hardware.medianMicros(inFlight) * (0.9 + 0.2 * random.nextDouble());
    double p99 = p50 * (2 + 2 * random.nextDouble());
    return learned.after(inFlight, 1000, p50, p99, 0);
  }
}
