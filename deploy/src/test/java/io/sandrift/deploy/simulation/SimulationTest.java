package io.sandrift.deploy.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.server.distribution.policy.PolicySpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small clusters for some minutes; virtual time and one seed, so that each run is the same. */
class SimulationTest {

  private static Scenario scenario(
      long seed, boolean power, int groupFailures, int hot, double delaySeconds, double loss) {
    return new Scenario(
        seed,
        20,
        800,
        Duration.ofMinutes(10),
        List.of(1.0, 2.0, 4.0),
        0.5,
        0.2,
        hot,
        3,
        power,
        Duration.ofSeconds(5),
        5,
        groupFailures,
        Duration.ofMillis(Math.round(delaySeconds * 1000)),
        loss,
        true);
  }

  private static Scenario everything(long seed) {
    return scenario(seed, true, 1, 1, 1, 0);
  }

  private static Outcome run(Scenario scenario, String policy) {
    return Simulation.run(scenario, new PolicySpec(policy, Map.of()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"round-robin", "least-loaded", "master", "intake", "adaptive"})
  @Tag("S5")
  void everybodyIsServedInTheEndWhateverHappens(String policy) {
    Outcome outcome = run(everything(1), policy);
    assertThat(outcome.unserved()).isZero();
    assertThat(outcome.logins()).isGreaterThanOrEqualTo(2 * 800);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  @Tag("S2")
  @Tag("S10")
  void adaptiveIsEvenAfterTheStormAndNothingGoesBackAndForth(long seed) {
    Outcome outcome = run(everything(seed), "adaptive");
    assertThat(outcome.settledAfterSeconds()).isBetween(0.0, 150.0);
    assertThat(outcome.end()).isLessThanOrEqualTo(1.2);
    assertThat(outcome.oscillations()).isZero();
  }

  @Test
  @Tag("S2")
  void itIsMoreEvenThanThePoliciesThatMoveNothing() {
    double adaptive = run(everything(4), "adaptive").end();
    for (String other : List.of("round-robin", "least-loaded", "master", "intake")) {
      assertThat(adaptive).as(other).isLessThan(run(everything(4), other).end());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {3, 8})
  @Tag("S10")
  void oldAndLostGossipMakesNothingGoBackAndForth(double delaySeconds) {
    Outcome outcome = run(scenario(5, true, 0, 0, delaySeconds, 0.2), "adaptive");
    assertThat(outcome.oscillations()).isZero();
    assertThat(outcome.end()).isLessThanOrEqualTo(1.25);
    assertThat(outcome.unserved()).isZero();
  }

  @Test
  @Tag("S10")
  void nothingMovesOnceItIsEvenAndNothingHappens() {
    Outcome outcome = run(scenario(6, false, 0, 0, 1, 0), "adaptive");
    int late = 0;
    for (int second = 300; second < 600; second++) {
      late += outcome.movesEach()[second];
    }
    // The clients' demands drift; a few of 800 sessions in five minutes are for that.
    assertThat(late).isLessThanOrEqualTo(16);
  }

  @Test
  @Tag("M6")
  void withoutAMasterEachServerDecidesAndEverybodyIsServed() {
    Scenario s = everything(7);
    Scenario alone =
        new Scenario(
            s.seed(),
            s.servers(),
            s.clients(),
            s.time(),
            s.hardware(),
            s.utilisation(),
            s.noise(),
            s.hotVolumes(),
            s.hotFactor(),
            s.powerFailure(),
            s.boot(),
            s.groups(),
            s.groupFailures(),
            s.gossipDelay(),
            s.gossipLoss(),
            false);
    Outcome outcome = run(alone, "adaptive");
    assertThat(outcome.unserved()).isZero();
    assertThat(outcome.moves()).isZero();
  }

  @Test
  void theSameSeedGivesTheSameAndAnotherOneSomethingElse() {
    Outcome one = run(everything(8), "adaptive");
    assertThat(run(everything(8), "adaptive").imbalance()).isEqualTo(one.imbalance());
    assertThat(run(everything(9), "adaptive").imbalance()).isNotEqualTo(one.imbalance());
  }

  @Test
  void theLeastScenarioIsOneClientOfOneServer() {
    Scenario least =
        new Scenario(
            1,
            1,
            1,
            Duration.ofMinutes(1),
            List.of(1.0),
            0.5,
            0,
            0,
            1,
            false,
            Duration.ZERO,
            1,
            0,
            Duration.ZERO,
            0,
            true);
    assertThat(run(least, "adaptive").unserved()).isZero();
  }

  @Test
  void scenariosThatCannotBeAreRefused() {
    assertThatThrownBy(() -> scenario(1, true, 6, 0, 1, 0))
        .hasMessageContaining("group failures is 6.0, expected 0.0 to 5.0");
    assertThatThrownBy(() -> scenario(1, true, 0, 0, 61, 0)).hasMessageContaining("gossip delay");
    assertThatThrownBy(() -> scenario(1, true, 0, 0, 0, 1)).hasMessageContaining("gossip loss");
  }
}
