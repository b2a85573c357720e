package io.sandrift.load.pressure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.sandrift.load.pressure.Pressure.Part;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.Samples;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class PressureFormulaTest {

  private static final PressureFormula FORMULA = PressureFormula.DEFAULT;

  @Test
  void anIdleServerHasNone() {
    assertThat(FORMULA.of(Samples.idle("a")).value()).isZero();
  }

  /** The worked example of docs/load.md. */
  @Test
  void theWorkedExampleOfTheDocumentationIsRight() {
    Sample sample =
        Samples.with(
            Samples.of("a", 1, Samples.NOON, 12, 24, 3000, 300), 0.7, 0.2, 1L << 30, 100, 0);
    Pressure pressure = FORMULA.of(sample);
    assertThat(pressure.parts().get(Part.DEPTH)).isCloseTo(0.5, within(1e-9));
    assertThat(pressure.parts().get(Part.LATENCY)).isCloseTo(0.5, within(1e-9));
    assertThat(pressure.parts().get(Part.NETWORK)).isCloseTo(0.2, within(1e-9));
    assertThat(pressure.parts().get(Part.STORAGE)).isCloseTo(0.25, within(1e-9));
    assertThat(pressure.parts().get(Part.CPU)).isZero();
    assertThat(pressure.value()).isCloseTo(0.5, within(1e-9));
  }

  @Test
  @Tag("I12")
  void unequalServersAtTheSameShareOfWhatTheyCanDoCompareAsEqual() {
    Pressure small = FORMULA.of(Samples.of("small", 1, Samples.NOON, 4, 8, 8000, 2000));
    Pressure large = FORMULA.of(Samples.of("large", 1, Samples.NOON, 64, 128, 400, 100));
    assertThat(small).isEqualTo(large);
  }

  @Test
  void processorsCountOnlyWhenNearlyAllAreBusy() {
    Sample idle = Samples.idle("a");
    assertThat(FORMULA.of(Samples.with(idle, 0.8, 0, 0, 0, 0)).value()).isZero();
    assertThat(FORMULA.of(Samples.with(idle, 1, 0, 0, 0, 0)).value()).isCloseTo(1, within(1e-9));
  }

  @Test
  void aSlowCommandOnAnIdleServerIsNoPressure() {
    assertThat(FORMULA.of(Samples.of("a", 1, Samples.NOON, 0.01, 32, 90_000, 100)).value())
        .isLessThan(0.01);
  }

  @Test
  void aStoreThatHoldsWritesBackIsSaturated() {
    assertThat(FORMULA.of(Samples.with(Samples.idle("a"), 0, 0, 0, 0, 1)).largest())
        .isEqualTo(Part.STORAGE);
  }

  @Property
  void moreOfAnythingIsNeverLessPressure(
      @ForAll @DoubleRange(max = 200) double inFlight,
      @ForAll @DoubleRange(min = 1, max = 200) double knee,
      @ForAll @DoubleRange(max = 100_000) double p99,
      @ForAll @DoubleRange(max = 1) double share,
      @ForAll @DoubleRange(min = 1, max = 3) double more) {
    double less = FORMULA.of(sample(inFlight, knee, p99, share)).value();
    assertThat(FORMULA.of(sample(inFlight * more, knee, p99, share)).value())
        .isGreaterThanOrEqualTo(less);
    assertThat(FORMULA.of(sample(inFlight, knee, p99 * more, share)).value())
        .isGreaterThanOrEqualTo(less);
    assertThat(FORMULA.of(sample(inFlight, knee, p99, Math.min(1, share * more))).value())
        .isGreaterThanOrEqualTo(less);
    assertThat(FORMULA.of(sample(inFlight, knee * more, p99, share)).value())
        .isLessThanOrEqualTo(less);
  }

  @Property
  void thePressureIsItsLargestPartAndNeverNegative(
      @ForAll double inFlight, @ForAll double p99, @ForAll double cpu, @ForAll double flush) {
    Sample sample =
        Samples.with(Samples.of("a", 1, Samples.NOON, inFlight, 32, p99, 100), cpu, 0, 0, flush, 0);
    Pressure pressure = FORMULA.of(sample);
    assertThat(pressure.parts().values())
        .allSatisfy(
            part ->
                assertThat(part).isNotNegative().isFinite().isLessThanOrEqualTo(pressure.value()));
    assertThat(pressure.parts()).containsValue(pressure.value());
  }

  private static Sample sample(double inFlight, double knee, double p99, double share) {
    return Samples.with(
        Samples.of("a", 1, Samples.NOON, inFlight, knee, p99, 100), share, share, 0, 0, share);
  }
}
