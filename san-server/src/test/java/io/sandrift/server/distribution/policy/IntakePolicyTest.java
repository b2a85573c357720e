package io.sandrift.server.distribution.policy;

import static io.sandrift.server.distribution.policy.Loads.GOLD;
import static io.sandrift.server.distribution.policy.Loads.NOW;
import static io.sandrift.server.distribution.policy.Loads.id;
import static io.sandrift.server.distribution.policy.Loads.request;
import static io.sandrift.server.distribution.policy.Loads.server;
import static io.sandrift.server.distribution.policy.Loads.system;
import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class IntakePolicyTest {

  private final IntakePolicy policy =
      (IntakePolicy) new PolicySpec("intake", Map.of()).create(new SplittableRandom(1));

  private ServerId selected(SystemLoad load) {
    return policy.allocate(request(), load, NOW).orElseThrow().server();
  }

  @Test
  @Tag("I1")
  void allNewClientsGoToTheIntakeWhateverTheOthersAreLike() {
    policy.assume(IntakeState.initial(GOLD).takenBy(id("b"), NOW));
    SystemLoad load = system(server("a"), server("b").pressure(0.7), server("c"));
    for (int i = 0; i < 10; i++) {
      assertThat(selected(load)).isEqualTo(id("b"));
    }
  }

  @Test
  @Tag("I2")
  void whenAnotherBecomesTheIntakeLaterClientsGoThere() {
    IntakeState first = IntakeState.initial(GOLD).takenBy(id("b"), NOW);
    policy.assume(first);
    SystemLoad load = system(server("a"), server("b"), server("c"));
    assertThat(selected(load)).isEqualTo(id("b"));
    assertThat(policy.assume(first.takenBy(id("c"), NOW))).isTrue();
    assertThat(selected(load)).isEqualTo(id("c"));
    assertThat(policy).isNotInstanceOf(BalancingPolicy.class); // nothing ever moves earlier ones
  }

  @Test
  void anOlderEpochIsRefused() {
    IntakeState first = IntakeState.initial(GOLD).takenBy(id("b"), NOW);
    IntakeState second = first.takenBy(id("c"), NOW);
    policy.assume(second);
    assertThat(policy.assume(first)).isFalse();
    assertThat(policy.assume(second)).isFalse();
    assertThat(policy.state()).isEqualTo(second);
  }

  @Test
  @Tag("I5")
  void aClientThatComesBackGoesToTheIntakeOfNow() {
    IntakeState first = IntakeState.initial(GOLD).takenBy(id("a"), NOW);
    policy.assume(first);
    SystemLoad before = system(server("a"), server("b"));
    assertThat(selected(before)).isEqualTo(id("a"));
    policy.assume(first.takenBy(id("b"), NOW));
    SystemLoad after = system(server("a").dead(), server("b"));
    assertThat(selected(after)).isEqualTo(id("b"));
  }

  @Test
  void whileTheIntakeCannotBeUsedTheLeastLoadedServesAndIsNotTheIntakeForThat() {
    policy.assume(IntakeState.initial(GOLD).takenBy(id("b"), NOW));
    SystemLoad load = system(server("a").pressure(0.4), server("b").suspect(), server("c"));
    assertThat(policy.allocate(request(), load, NOW))
        .hasValueSatisfying(
            allocation -> {
              assertThat(allocation.server()).isEqualTo(id("c"));
              assertThat(allocation.reason()).contains("the intake, b, can't be used");
            });
    assertThat(policy.state().intake()).isEqualTo(id("b"));
  }

  @Test
  @Tag("I6")
  void whatTheIntakeWasGivenCountsBeforeItIsMeasured() {
    policy.assume(IntakeState.initial(GOLD).takenBy(id("b"), NOW.minusSeconds(60)));
    SystemLoad load = system(server("a"), server("b").pressure(0.79).sessions(200), server("c"));
    assertThat(policy.review(id("b"), load, NOW)).isEmpty();
    for (int i = 0; i < 10; i++) {
      policy.allocate(request(), load, NOW);
    }
    assertThat(policy.review(id("b"), load, NOW))
        .hasValueSatisfying(
            change -> assertThat(change.kind()).isEqualTo(IntakeChange.Kind.HAND_OVER));
  }

  @Test
  @Tag("I1")
  @Tag("I2")
  @Tag("I6")
  void manyClientsFillOneServerAfterTheOther() {
    SystemLoad load = system(server("a"), server("b"), server("c"));
    Instant now = NOW;
    policy.assume(IntakeState.initial(GOLD).takenBy(id("a"), now));
    Set<ServerId> intakes = new LinkedHashSet<>();
    for (int i = 0; i < 1100; i++) {
      now = now.plusMillis(5);
      policy
          .review(policy.state().intake(), load, now)
          .ifPresent(change -> policy.assume(change.after()));
      ServerId to = policy.allocate(request(), load, now).orElseThrow().server();
      assertThat(to).isEqualTo(policy.state().intake());
      intakes.add(to);
    }
    // 0.8 / 0.002 = 400 sessions of unknown demand each
    assertThat(intakes).containsExactly(id("a"), id("b"), id("c"));
    assertThat(policy.state().epoch()).isEqualTo(3);
  }

  @Test
  @Tag("I9")
  @Tag("I13")
  void whoeverIsOnTheIntakesOwnNodeFollowsFirstAsItsControlProcessReports() {
    policy.assume(IntakeState.initial(GOLD).takenBy(id("b"), NOW.minusSeconds(60)));
    SystemLoad load =
        system(server("a"), server("b").pressure(0.9), server("c").pressure(0.5), server("d"));
    assertThat(
            policy.review(
                id("b"), load, nodes(Map.of(id("b"), "host-1", id("c"), "host-1"), 1), NOW))
        .hasValueSatisfying(change -> assertThat(change.after().intake()).isEqualTo(id("c")));
  }

  @Test
  @Tag("I3")
  @Tag("I13")
  void whatItsControlProcessRatesLowFollowsLast() {
    policy.assume(IntakeState.initial(GOLD).takenBy(id("b"), NOW.minusSeconds(60)));
    SystemLoad load = system(server("a"), server("b").pressure(0.9), server("c").pressure(0.5));
    Nodes nodes = nodes(Map.of(id("a"), "host-1"), 0.25);
    assertThat(policy.review(id("b"), load, nodes, NOW))
        .hasValueSatisfying(change -> assertThat(change.after().intake()).isEqualTo(id("c")));
  }

  /** Servers on nodes whose control processes give all of them this rating. */
  private static Nodes nodes(Map<ServerId, String> reported, double rating) {
    return new Nodes() {
      @Override
      public String node(ServerId server) {
        return reported.getOrDefault(server, server.value());
      }

      @Override
      public double rating(ServerId server) {
        return reported.containsKey(server) ? rating : 1;
      }
    };
  }

  @Test
  @Tag("I7")
  void oneBesideTheIntakeTakesOverWhenItHasBeenSilent() {
    IntakeState state = IntakeState.initial(GOLD).takenBy(id("a"), NOW.minusSeconds(60));
    policy.assume(state);
    SystemLoad load = system(server("a").suspect().at(NOW.minusSeconds(4)), server("b"));
    assertThat(policy.review(id("b"), load, NOW))
        .hasValueSatisfying(
            change -> {
              assertThat(change.kind()).isEqualTo(IntakeChange.Kind.TAKE_OVER);
              assertThat(change.after().intake()).isEqualTo(id("b"));
            });
  }

  @Test
  @Tag("I12")
  void theIntakeOfAnotherServiceIsNoIntakeHere() {
    policy.assume(IntakeState.initial("archive").takenBy(id("b"), NOW));
    SystemLoad load = system(server("a"), server("b").pressure(0.5));
    assertThat(selected(load)).isEqualTo(id("a"));
  }
}
