package io.sandrift.server.distribution.policy;

import static io.sandrift.server.distribution.policy.Loads.GOLD;
import static io.sandrift.server.distribution.policy.Loads.NOW;
import static io.sandrift.server.distribution.policy.Loads.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.membership.ServerId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class IntakeRulesTest {

  private static final IntakeState A_SINCE_LONG =
      IntakeState.initial(GOLD).takenBy(id("a"), NOW.minusSeconds(60));

  private static IntakeRules rules(IntakeChoice choice) {
    return IntakeRules.of(new PolicySpec("intake", Map.of("choice", choice.word())));
  }

  private static IntakeCandidate candidate(String server, double rating, double load) {
    return new IntakeCandidate(id(server), "node-of-" + server, rating, load, true);
  }

  private static IntakeCandidate onNode(String server, String node, double load) {
    return new IntakeCandidate(id(server), node, Math.max(0, 1 - load), load, true);
  }

  private static ServerId follower(IntakeChoice choice, IntakeCandidate... candidates) {
    return rules(choice)
        .asIntake(A_SINCE_LONG, id("a"), List.of(candidates), NOW)
        .orElseThrow()
        .after()
        .intake();
  }

  // ---- I6: handing over ----

  @Test
  @Tag("I6")
  void theIntakeHandsOverAboveItsThresholdAndNotAtIt() {
    IntakeCandidate idle = candidate("b", 0.9, 0.1);
    IntakeRules rules = rules(IntakeChoice.RATING);
    assertThat(
            rules.asIntake(
                A_SINCE_LONG, id("a"), List.of(candidate("a", 0.2, rules.threshold()), idle), NOW))
        .isEmpty();
    assertThat(rules.asIntake(A_SINCE_LONG, id("a"), List.of(candidate("a", 0.2, 0.81), idle), NOW))
        .hasValueSatisfying(
            change -> {
              assertThat(change.kind()).isEqualTo(IntakeChange.Kind.HAND_OVER);
              assertThat(change.after().intake()).isEqualTo(id("b"));
              assertThat(change.after().previous()).isEqualTo(id("a"));
              assertThat(change.after().epoch()).isEqualTo(A_SINCE_LONG.epoch() + 1);
              assertThat(change.reason()).contains("0.81").contains("b follows by rating");
            });
  }

  @Test
  @Tag("I6")
  void nobodyFollowsWhoIsNearTheThresholdHimself() {
    IntakeRules rules = rules(IntakeChoice.RATING);
    double limit = rules.threshold() - rules.hysteresis();
    IntakeCandidate full = candidate("a", 0, 0.95);
    assertThat(
            rules.asIntake(
                A_SINCE_LONG, id("a"), List.of(full, candidate("b", 0.2, limit + 0.01)), NOW))
        .isEmpty();
    assertThat(
            rules.asIntake(A_SINCE_LONG, id("a"), List.of(full, candidate("b", 0.2, limit)), NOW))
        .isPresent();
  }

  @Test
  @Tag("I6")
  void anIntakeKeepsTheDesignationForItsTenure() {
    IntakeRules rules = rules(IntakeChoice.RATING);
    IntakeState young = IntakeState.initial(GOLD).takenBy(id("a"), NOW);
    List<IntakeCandidate> all = List.of(candidate("a", 0, 0.95), candidate("b", 0.9, 0.1));
    Instant end = NOW.plus(rules.tenure());
    assertThat(rules.asIntake(young, id("a"), all, end.minusMillis(1))).isEmpty();
    assertThat(rules.asIntake(young, id("a"), all, end)).isPresent();
  }

  @Test
  void anIntakeThatDrainsHandsOverAtOnceToWhoeverThereIs() {
    IntakeState young = IntakeState.initial(GOLD).takenBy(id("a"), NOW);
    IntakeCandidate draining = new IntakeCandidate(id("a"), "n", 0.9, 0.1, false);
    assertThat(
            rules(IntakeChoice.RATING)
                .asIntake(young, id("a"), List.of(draining, candidate("b", 0, 0.99)), NOW))
        .hasValueSatisfying(change -> assertThat(change.after().intake()).isEqualTo(id("b")));
  }

  @Test
  void whoIsNotTheIntakeHandsNothingOver() {
    assertThat(
            rules(IntakeChoice.RATING)
                .asIntake(
                    A_SINCE_LONG,
                    id("b"),
                    List.of(candidate("a", 0.9, 0), candidate("b", 0, 0.95)),
                    NOW))
        .isEmpty();
  }

  // ---- I3: three ways to choose ----

  @Test
  @Tag("I3")
  void byIdentifierTheNextLargerOneFollowsAndAfterTheLargestTheSmallest() {
    assertThat(
            follower(
                IntakeChoice.IDENTIFIER,
                candidate("a", 0, 0.9),
                candidate("b", 0.4, 0.6),
                candidate("c", 1, 0)))
        .isEqualTo(id("b"));
    IntakeState c = IntakeState.initial(GOLD).takenBy(id("c"), NOW.minusSeconds(60));
    List<IntakeCandidate> all =
        List.of(candidate("a", 0.4, 0.6), candidate("b", 1, 0), candidate("c", 0, 0.9));
    assertThat(
            rules(IntakeChoice.IDENTIFIER)
                .asIntake(c, id("c"), all, NOW)
                .orElseThrow()
                .after()
                .intake())
        .isEqualTo(id("a"));
  }

  @Test
  @Tag("I3")
  void byRatingTheBestRatedFollowsAndOfEqualsTheSmallestIdentifier() {
    assertThat(
            follower(
                IntakeChoice.RATING,
                candidate("a", 0, 0.9),
                candidate("b", 0.4, 0.6),
                candidate("d", 0.7, 0.3),
                candidate("c", 0.7, 0.3)))
        .isEqualTo(id("c"));
  }

  @Test
  @Tag("I3")
  void byTimeOutTheIntakeGivesUpAndTheBetterRatedTakesOverFirst() {
    IntakeRules rules = rules(IntakeChoice.TIMEOUT);
    List<IntakeCandidate> all =
        List.of(candidate("a", 0, 0.9), candidate("b", 0.4, 0.6), candidate("c", 0.9, 0.1));
    IntakeChange change = rules.asIntake(A_SINCE_LONG, id("a"), all, NOW).orElseThrow();
    assertThat(change.kind()).isEqualTo(IntakeChange.Kind.GIVE_UP);
    IntakeState free = change.after();
    assertThat(free.intake()).isNull();
    Instant turnOfC = rules.turn(free, id("c"), Instant.EPOCH, all).orElseThrow();
    Instant turnOfB = rules.turn(free, id("b"), Instant.EPOCH, all).orElseThrow();
    assertThat(turnOfC).isBefore(turnOfB).isEqualTo(NOW.plus(rules.timeout(0.9)));
    assertThat(rules.asOther(free, id("c"), NOW, all, turnOfC.minusMillis(1))).isEmpty();
    assertThat(rules.asOther(free, id("c"), NOW, all, turnOfC))
        .hasValueSatisfying(
            taken -> {
              assertThat(taken.kind()).isEqualTo(IntakeChange.Kind.TAKE_OVER);
              assertThat(taken.after().intake()).isEqualTo(id("c"));
            });
  }

  @Property(tries = 200)
  void aBetterRatingNeverHasALongerTimeOut(
      @ForAll @DoubleRange(min = 0, max = 1) double one,
      @ForAll @DoubleRange(min = 0, max = 1) double other) {
    IntakeRules rules = rules(IntakeChoice.TIMEOUT);
    assertThat(rules.timeout(Math.max(one, other)))
        .isLessThanOrEqualTo(rules.timeout(Math.min(one, other)))
        .isBetween(rules.step(), rules.longest());
  }

  // ---- I7: taking over ----

  @Test
  @Tag("I7")
  void aSilentIntakeIsSucceededInTheOrderOfTheChoice() {
    IntakeRules rules = rules(IntakeChoice.IDENTIFIER);
    List<IntakeCandidate> all =
        List.of(candidate("a", 1, 0), candidate("b", 0.1, 0.9), candidate("c", 0.9, 0.1));
    Instant heard = NOW;
    Instant free = heard.plus(rules.silence());
    assertThat(rules.turn(A_SINCE_LONG, id("b"), heard, all)).contains(free);
    assertThat(rules.turn(A_SINCE_LONG, id("c"), heard, all)).contains(free.plus(rules.step()));
    assertThat(rules.turn(A_SINCE_LONG, id("a"), heard, all)).isEmpty();
    assertThat(rules.asOther(A_SINCE_LONG, id("b"), heard, all, free.minusMillis(1))).isEmpty();
    assertThat(rules.asOther(A_SINCE_LONG, id("b"), heard, all, free))
        .hasValueSatisfying(
            change -> assertThat(change.reason()).contains("a has been silent").contains("3.0 s"));
  }

  @Test
  @Tag("I7")
  void anIntakeThatWasJustNamedHasTheTimeToSaySomething() {
    IntakeRules rules = rules(IntakeChoice.RATING);
    IntakeState named = A_SINCE_LONG.takenBy(id("b"), NOW);
    List<IntakeCandidate> all = List.of(candidate("a", 0.5, 0.5), candidate("b", 0.9, 0.1));
    assertThat(rules.turn(named, id("a"), Instant.EPOCH, all)).contains(NOW.plus(rules.silence()));
  }

  @Test
  void whoTakesNoNewClientsDoesNotTakeOver() {
    IntakeCandidate draining = new IntakeCandidate(id("b"), "n", 0.9, 0.1, false);
    assertThat(
            rules(IntakeChoice.RATING)
                .asOther(
                    IntakeState.initial(GOLD),
                    id("b"),
                    NOW,
                    List.of(draining),
                    NOW.plus(Duration.ofDays(1))))
        .isEmpty();
  }

  @Test
  @Tag("I1")
  void thereIsAFirstIntake() {
    assertThat(
            rules(IntakeChoice.RATING)
                .asOther(
                    IntakeState.initial(GOLD), id("a"), NOW, List.of(candidate("a", 1, 0)), NOW))
        .hasValueSatisfying(
            change -> {
              assertThat(change.after().epoch()).isEqualTo(1);
              assertThat(change.after().intake()).isEqualTo(id("a"));
            });
  }

  // ---- I9: one node ----

  @Test
  @Tag("I9")
  void aResourceOfTheSameNodeFollowsBeforeABetterOneElsewhere() {
    IntakeCandidate a = onNode("a", "node-1", 0.9);
    IntakeCandidate beside = onNode("d", "node-1", 0.6);
    IntakeCandidate better = onNode("b", "node-2", 0.1);
    for (IntakeChoice choice : IntakeChoice.values()) {
      assertThat(follower(choice, a, better, beside)).as(choice.word()).isEqualTo(id("d"));
    }
  }

  @Test
  @Tag("I9")
  void aFullOneOfTheSameNodeDoesNotFollow() {
    assertThat(
            follower(
                IntakeChoice.RATING,
                onNode("a", "node-1", 0.9),
                onNode("b", "node-2", 0.1),
                onNode("d", "node-1", 0.75)))
        .isEqualTo(id("b"));
  }

  // ---- I8: each one's own list ----

  @Test
  @Tag("I8")
  void aListTakesNewerMessagesAndTheNewIntakesConfirmation() {
    IntakeList list = new IntakeList();
    assertThat(list.find(GOLD)).isEmpty();
    assertThat(list.announce(A_SINCE_LONG)).isTrue();
    assertThat(list.confirm(GOLD, id("b"), 1)).isFalse();
    assertThat(list.confirm(GOLD, id("a"), 1)).isTrue();
    assertThat(list.find(GOLD)).contains(new IntakeList.Entry(A_SINCE_LONG, true));
    IntakeState next = A_SINCE_LONG.takenBy(id("b"), NOW);
    assertThat(list.announce(next)).isTrue();
    assertThat(list.announce(A_SINCE_LONG)).isFalse();
    assertThat(list.announce(next)).isFalse();
    assertThat(list.confirm(GOLD, id("a"), 1)).isFalse();
    assertThat(list.find(GOLD)).contains(new IntakeList.Entry(next, false));
  }

  @Test
  @Tag("I12")
  void eachServiceHasAnIntakeOfItsOwn() {
    IntakeList list = new IntakeList();
    list.announce(A_SINCE_LONG);
    IntakeState archive = IntakeState.initial("archive").takenBy(id("b"), NOW);
    list.announce(archive);
    assertThat(list.find(GOLD).orElseThrow().state().intake()).isEqualTo(id("a"));
    assertThat(list.find("archive").orElseThrow().state().intake()).isEqualTo(id("b"));
  }

  // ---- many resources, messages that are late and lost, compare-and-set ----

  /**
   * Resources that hear of each other late or not at all, whose clocks stand still now and then,
   * and that change the designation by compare-and-set.
   */
  @Property(tries = 60)
  @net.jqwik.api.Tag("I7")
  void thereAreNeverTwoIntakesOfOneEpochAndSoonThereIsOne(
      @ForAll @IntRange(min = 2, max = 6) int count,
      @ForAll @IntRange(min = 0, max = 2) int choice,
      @ForAll long seed) {
    Random random = new Random(seed);
    IntakeRules rules = rules(IntakeChoice.values()[choice]);
    IntakeState[] stored = {IntakeState.initial(GOLD)};
    Map<Long, Set<ServerId>> byEpoch = new HashMap<>();
    List<IntakeState> known = new ArrayList<>();
    boolean[] stopped = new boolean[count];
    Instant[] heard = new Instant[count];
    for (int i = 0; i < count; i++) {
      known.add(stored[0]);
      heard[i] = NOW;
    }
    Instant now = NOW;
    int vacantFor = 0;
    for (int tick = 0; tick < 600; tick++) {
      now = now.plusMillis(100);
      if (random.nextInt(100) == 0) {
        int who = random.nextInt(count);
        stopped[who] = !stopped[who] && stopped(stopped) < count - 1;
      }
      List<IntakeCandidate> candidates = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        double load = random.nextDouble();
        candidates.add(candidate("s" + i, 1 - load, load));
      }
      for (int i = 0; i < count; i++) {
        if (stopped[i]) {
          continue;
        }
        ServerId self = id("s" + i);
        if (random.nextInt(4) != 0) {
          known.set(i, stored[0]);
        }
        ServerId intake = known.get(i).intake();
        if (intake != null && !stopped[intake.value().charAt(1) - '0']) {
          heard[i] = now;
        }
        Optional<IntakeChange> change =
            self.equals(intake)
                ? rules.asIntake(known.get(i), self, candidates, now)
                : rules.asOther(known.get(i), self, heard[i], candidates, now);
        if (change.isPresent() && change.get().before().equals(stored[0])) {
          stored[0] = change.get().after();
          ServerId next = stored[0].intake();
          if (next != null) {
            byEpoch.computeIfAbsent(stored[0].epoch(), key -> new HashSet<>()).add(next);
          }
        }
      }
      ServerId holder = stored[0].intake();
      boolean served = holder != null && !stopped[holder.value().charAt(1) - '0'];
      vacantFor = served ? 0 : vacantFor + 1;
      assertThat(vacantFor).as("ticks without an intake, seed %d", seed).isLessThan(200);
    }
    assertThat(byEpoch.values()).allMatch(intakes -> intakes.size() == 1);
  }

  private static int stopped(boolean[] all) {
    int count = 0;
    for (boolean each : all) {
      count += each ? 1 : 0;
    }
    return count;
  }

  @Test
  void statesRefuseWhatIsNoChange() {
    assertThatThrownBy(() -> A_SINCE_LONG.takenBy(id("a"), NOW)).hasMessageContaining("already");
    assertThatThrownBy(() -> IntakeState.initial(GOLD).givenUp(NOW)).hasMessageContaining("nobody");
    assertThatThrownBy(
            () ->
                new IntakeChange(
                    IntakeChange.Kind.TAKE_OVER,
                    A_SINCE_LONG,
                    A_SINCE_LONG.takenBy(id("b"), NOW).givenUp(NOW),
                    "",
                    Map.of()))
        .hasMessageContaining("doesn't follow");
    assertThatThrownBy(() -> IntakeRules.of(PolicySpec.DEFAULT)).hasMessageContaining("adaptive");
  }
}
