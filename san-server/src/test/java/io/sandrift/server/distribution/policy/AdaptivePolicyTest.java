package io.sandrift.server.distribution.policy;

import static io.sandrift.server.distribution.policy.Loads.NOW;
import static io.sandrift.server.distribution.policy.Loads.id;
import static io.sandrift.server.distribution.policy.Loads.request;
import static io.sandrift.server.distribution.policy.Loads.server;
import static io.sandrift.server.distribution.policy.Loads.system;
import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdaptivePolicyTest {

  private static final Duration RESIDENCE = Duration.ofSeconds(120);

  private static BalancingPolicy adaptive(Map<String, String> values, long seed) {
    return (BalancingPolicy) new PolicySpec("adaptive", values).create(new SplittableRandom(seed));
  }

  private static BalancingPolicy adaptive(long seed) {
    return adaptive(Map.of(), seed);
  }

  private static VirtualCluster threeServers(BalancingPolicy policy, long seed) {
    VirtualCluster cluster = new VirtualCluster(policy, seed);
    cluster.server("a", 32);
    cluster.server("b", 32);
    cluster.server("c", 32);
    return cluster;
  }

  /** From when on the policy knows enough to act. */
  private static final int WARM_UP_SECONDS = 10;

  private static VirtualCluster skewed(BalancingPolicy policy, long seed, double depth) {
    VirtualCluster cluster = threeServers(policy, seed);
    for (int i = 0; i < 60; i++) {
      cluster.session("s" + i, "a", time -> depth);
    }
    return cluster;
  }

  // ---- the aims ----

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  @Tag("S2")
  @Tag("S10")
  void sixtySessionsOnOneServerAreSpreadInAMinuteWithHardlyMoreMovesThanNeeded(long seed) {
    VirtualCluster cluster = skewed(adaptive(seed), seed, 2);
    cluster.noise = 0.2;
    cluster.run(Duration.ofSeconds(60));
    assertThat(cluster.imbalance()).isLessThanOrEqualTo(1.15);
    assertThat(cluster.made).hasSizeLessThanOrEqualTo(48);
    int moves = cluster.made.size();
    cluster.run(Duration.ofMinutes(10));
    assertThat(cluster.made).hasSize(moves);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.3, 1, 4, 16})
  @Tag("S2")
  void itDoesSoWhateverTheSessionsWeigh(double depth) {
    VirtualCluster cluster = skewed(adaptive(7), 7, depth);
    cluster.noise = 0.1;
    cluster.run(Duration.ofSeconds(60));
    assertThat(cluster.imbalance()).isLessThanOrEqualTo(1.15);
    assertThat(cluster.made).hasSizeLessThanOrEqualTo(48);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5})
  @Tag("S10")
  void oldNewsMakeItNeitherOvershootNorTurnBack(int delay) {
    VirtualCluster cluster = skewed(adaptive(delay), delay, 2);
    cluster.noise = 0.2;
    cluster.gossipDelay = delay;
    cluster.run(Duration.ofMinutes(5));
    assertThat(cluster.imbalance()).isLessThanOrEqualTo(1.15);
    assertThat(cluster.made).hasSizeLessThanOrEqualTo(48);
    assertThat(cluster.made).noneMatch(move -> move.to().equals(id("a")));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10, 20, 60, 120, 300, 600})
  @Tag("S10")
  void noSessionComesBackWithinItsResidenceUnderASquareWave(int period) {
    VirtualCluster cluster = threeServers(adaptive(period), period);
    cluster.noise = 0.1;
    // Each server's sessions are busy for a third of the period, in turn, and idle for the rest.
    List<String> servers = List.of("a", "b", "c");
    for (int s = 0; s < 3; s++) {
      double phase = s / 3.0;
      for (int i = 0; i < 20; i++) {
        cluster.session(
            "s" + s + "-" + i,
            servers.get(s),
            time -> (time / period + phase) % 1.0 < 0.5 ? 4 : 0.2);
      }
    }
    cluster.run(Duration.ofMinutes(30));
    assertThat(cluster.returned(RESIDENCE)).isZero();
    assertThat(cluster.made.size()).as("moves in half an hour").isLessThanOrEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10})
  @Tag("S10")
  void aFastSquareWaveMovesNothing(int period) {
    VirtualCluster cluster = threeServers(adaptive(period), period);
    List<String> servers = List.of("a", "b", "c");
    for (int i = 0; i < 60; i++) {
      double phase = i % 3 / 3.0;
      cluster.session(
          "s" + i, servers.get(i % 3), time -> (time / period + phase) % 1.0 < 0.5 ? 4 : 0.2);
    }
    cluster.run(Duration.ofMinutes(10));
    assertThat(cluster.made).isEmpty();
  }

  // ---- damping, one rule after the other ----

  @Test
  @Tag("S10")
  void steadyNoisyLoadMovesNothing() {
    VirtualCluster cluster = threeServers(adaptive(1), 1);
    for (int i = 0; i < 60; i++) {
      cluster.session("s" + i, List.of("a", "b", "c").get(i % 3), time -> 1.0);
    }
    cluster.noise = 0.5;
    cluster.run(Duration.ofMinutes(30));
    assertThat(cluster.made).isEmpty();
  }

  @Test
  void nothingBeginsWhileAllAreLow() {
    VirtualCluster cluster = skewed(adaptive(1), 1, 0.14 * 32 / 60);
    cluster.run(Duration.ofMinutes(2));
    assertThat(cluster.made).isEmpty();
  }

  @Test
  void nothingBeginsWhileAllAreHigh() {
    VirtualCluster cluster = threeServers(adaptive(1), 1);
    for (int i = 0; i < 66; i++) {
      // 26, 20 and 20 sessions: 1.18 times the mean, which would be hot otherwise
      cluster.session("s" + i, i < 26 ? "a" : i < 46 ? "b" : "c", time -> 3.0);
    }
    cluster.run(Duration.ofMinutes(2));
    assertThat(cluster.made).isEmpty();
  }

  @Test
  void theSameSkewIsMendedWhenNotAllAreHigh() {
    VirtualCluster cluster = threeServers(adaptive(1), 1);
    for (int i = 0; i < 66; i++) {
      cluster.session("s" + i, i < 26 ? "a" : i < 46 ? "b" : "c", time -> 1.0);
    }
    cluster.run(Duration.ofMinutes(2));
    assertThat(cluster.imbalance()).isLessThan(1.1);
  }

  @Test
  void nothingIsDoneBeforeSoManyWindowsInARow() {
    VirtualCluster cluster = skewed(adaptive(Map.of("windows", "7"), 1), 1, 2);
    cluster.run(Duration.ofSeconds(WARM_UP_SECONDS + 6)); // a move takes a second until it is made
    assertThat(cluster.made).isEmpty();
    cluster.run(Duration.ofSeconds(1));
    assertThat(cluster.made).isNotEmpty();
  }

  @Test
  void theBudgetIsKept() {
    VirtualCluster cluster =
        skewed(adaptive(Map.of("moves-per-second", "0.5", "move-share", "0"), 1), 1, 2);
    cluster.run(Duration.ofSeconds(WARM_UP_SECONDS + 40));
    assertThat(cluster.made.size()).isBetween(15, 21);
  }

  @Test
  void aMoveThatCostsMoreThanItGainsIsNotMade() {
    // A session weighs 1/16 of a server: 3.75 s of full pressure within a minute
    VirtualCluster dear = skewed(adaptive(Map.of("cost", "3.8"), 1), 1, 2);
    dear.run(Duration.ofMinutes(1));
    assertThat(dear.made).isEmpty();
    VirtualCluster cheap = skewed(adaptive(Map.of("cost", "3.7"), 1), 1, 2);
    cheap.run(Duration.ofMinutes(1));
    assertThat(cheap.made).isNotEmpty();
  }

  @Test
  void aServerFromWhichMovesDoNotHelpIsLeftAlone() {
    VirtualCluster cluster = threeServers(adaptive(1), 1);
    // What presses on a isn't its sessions, though it is hotter than the others by far.
    cluster.floor.put(id("a"), 1.2);
    cluster.floor.put(id("b"), 0.3);
    cluster.floor.put(id("c"), 0.3);
    for (int i = 0; i < 60; i++) {
      cluster.session("s" + i, List.of("a", "b", "c").get(i % 3), time -> 0.01);
    }
    cluster.run(Duration.ofMinutes(5));
    assertThat(cluster.made).isEmpty();
  }

  @Test
  void movesThatFailAreNotTriedAgainAtOnce() {
    VirtualCluster cluster = skewed(adaptive(1), 1, 2);
    cluster.movesSucceed = false;
    cluster.run(Duration.ofMinutes(2));
    cluster.movesSucceed = true;
    cluster.run(Duration.ofMinutes(2));
    assertThat(cluster.imbalance()).isLessThanOrEqualTo(1.15);
  }

  @Test
  @Tag("S10")
  void aSessionThatSomebodyElseMovedStaysToo() {
    BalancingPolicy policy = adaptive(1);
    for (int i = 0; i < 60; i++) {
      policy.moved(new SessionMove("s" + i, id("b"), id("a"), "", Map.of()), true, NOW);
    }
    VirtualCluster cluster = skewed(policy, 1, 2);
    cluster.run(RESIDENCE.minusSeconds(1));
    assertThat(cluster.made).isEmpty();
    cluster.run(Duration.ofMinutes(1));
    assertThat(cluster.made).isNotEmpty();
  }

  @Test
  void oneSessionTooMuchForItsServerStaysWhenItWouldBeTooMuchAnywhere() {
    VirtualCluster cluster = threeServers(adaptive(1), 1);
    cluster.session("giant", "a", time -> 30.0);
    cluster.session("small-b", "b", time -> 3.0);
    cluster.session("small-c", "c", time -> 3.0);
    cluster.run(Duration.ofMinutes(10));
    assertThat(cluster.made).isEmpty();
  }

  @Property(tries = 100)
  @net.jqwik.api.Tag("S10")
  void aSingleBusySessionStaysWhereItIs(
      @ForAll @DoubleRange(min = 1, max = 200) double depth,
      @ForAll @DoubleRange(min = 4, max = 32) double knee,
      @ForAll @DoubleRange(min = 0.2, max = 0.46) double share,
      @ForAll long seed) {
    VirtualCluster cluster = new VirtualCluster(adaptive(seed), seed);
    // Only the server that is loaded has learned its knee.
    cluster.server("a", knee);
    cluster.server("b", 32);
    cluster.server("c", 32);
    cluster.noise = 0.1;
    Map<ServerId, Double> blocks = Map.of(id("a"), 0.66 - share, id("b"), share, id("c"), 0.34);
    cluster.sessions.add(
        new VirtualCluster.Session("lone", "client", id("a"), time -> depth, blocks));
    cluster.session("idle", "a", time -> 0.01);
    cluster.run(Duration.ofMinutes(3));
    assertThat(cluster.made).isEmpty();
  }

  @Property(tries = 100)
  @net.jqwik.api.Tag("S10")
  void eachMoveLowersTheLargerPressureOfItsTwoServersByItsCost(
      @ForAll @Size(min = 1, max = 40) List<@DoubleRange(min = 0.1, max = 20) Double> depths,
      @ForAll @IntRange(min = 2, max = 5) int servers,
      @ForAll long seed) {
    VirtualCluster cluster = new VirtualCluster(adaptive(seed), seed);
    for (int i = 0; i < servers; i++) {
      cluster.server("s" + i, 32);
    }
    SplittableRandom random = new SplittableRandom(seed);
    Map<ServerId, Double> pressure = new HashMap<>();
    Map<String, Double> weights = new HashMap<>();
    for (int i = 0; i < depths.size(); i++) {
      double depth = depths.get(i);
      String at = "s" + random.nextInt(servers);
      cluster.session("c" + i, at, time -> depth);
      weights.put("c" + i, depth / 32);
      pressure.merge(id(at), depth / 32, Double::sum);
    }
    cluster.run(Duration.ofMinutes(2));
    for (VirtualCluster.Made move : cluster.made) {
      double weight = weights.get(move.session());
      double from = pressure.get(move.from());
      double to = pressure.getOrDefault(move.to(), 0.0);
      double least = 0.2 / 60; // cost over horizon
      assertThat(Math.max(from - weight, to + weight)).isLessThan(Math.max(from, to) - least);
      pressure.put(move.from(), from - weight);
      pressure.put(move.to(), to + weight);
    }
  }

  @Test
  void aServerThatIsNewAndIdleIsGivenItsShare() {
    BalancingPolicy policy = adaptive(3);
    VirtualCluster cluster = new VirtualCluster(policy, 3);
    for (int s = 0; s < 10; s++) {
      cluster.server("s" + s, 32);
    }
    for (int i = 0; i < 180; i++) {
      cluster.session("c" + i, "s" + i % 9, time -> 1.0);
    }
    cluster.noise = 0.1;
    cluster.run(Duration.ofMinutes(3));
    long there = cluster.sessions.stream().filter(c -> c.at.equals(id("s9"))).count();
    assertThat(there).isBetween(14L, 19L);
  }

  @Test
  @Tag("I12")
  void aServerOfTwiceTheCapacityGetsTwiceTheSessions() {
    VirtualCluster cluster = new VirtualCluster(adaptive(4), 4);
    cluster.server("a", 32);
    cluster.server("b", 64);
    for (int i = 0; i < 60; i++) {
      cluster.session("s" + i, "a", time -> 1.0);
    }
    cluster.run(Duration.ofMinutes(2));
    long large = cluster.sessions.stream().filter(s -> s.at.equals(id("b"))).count();
    assertThat(large).isBetween(37L, 42L);
  }

  // ---- where to ----

  @Test
  @Tag("S3")
  void aSessionGoesWhereItsBlocksAreWhenThePressureIsLowThere() {
    VirtualCluster cluster = threeServers(adaptive(5), 5);
    for (int i = 0; i < 30; i++) {
      ServerId home = id(i % 2 == 0 ? "b" : "c");
      cluster.sessions.add(
          new VirtualCluster.Session(
              "s" + i, "client-" + i, id("a"), time -> 2.0, Map.of(home, 0.9)));
    }
    cluster.run(Duration.ofMinutes(2));
    assertThat(cluster.made).isNotEmpty();
    assertThat(cluster.made)
        .allSatisfy(
            move -> {
              int number = Integer.parseInt(move.session().substring(1));
              assertThat(move.to()).isEqualTo(id(number % 2 == 0 ? "b" : "c"));
            });
  }

  @Test
  @Tag("S3")
  void ofTwoEqualSessionsTheOneMovesThatHasItsBlocksElsewhere() {
    VirtualCluster cluster = new VirtualCluster(adaptive(6), 6);
    cluster.server("a", 32);
    cluster.server("b", 32);
    for (int i = 0; i < 20; i++) {
      ServerId home = id(i < 10 ? "a" : "b");
      cluster.sessions.add(
          new VirtualCluster.Session(
              "s" + i, "client-" + i, id("a"), time -> 1.0, Map.of(home, 1.0)));
    }
    cluster.run(Duration.ofMinutes(2));
    assertThat(cluster.made).hasSizeGreaterThanOrEqualTo(10);
    assertThat(cluster.made.subList(0, 10))
        .allSatisfy(
            move ->
                assertThat(Integer.parseInt(move.session().substring(1)))
                    .isGreaterThanOrEqualTo(10));
  }

  @Test
  void twoSessionsOfOneHostAreNotPutTogether() {
    VirtualCluster cluster = threeServers(adaptive(8), 8);
    for (int i = 0; i < 12; i++) {
      cluster.sessions.add(
          new VirtualCluster.Session("x" + i, "host-" + i, id("a"), time -> 2.0, Map.of()));
      cluster.sessions.add(
          new VirtualCluster.Session("y" + i, "host-" + i, id("b"), time -> 1.2, Map.of()));
    }
    for (int i = 0; i < 8; i++) {
      cluster.session("z" + i, "c", time -> 1.0);
    }
    cluster.run(Duration.ofMinutes(2));
    assertThat(cluster.made).isNotEmpty();
    assertThat(cluster.made)
        .filteredOn(move -> move.session().startsWith("x"))
        .allMatch(move -> move.to().equals(id("c")));
  }

  @Property(tries = 200)
  void nothingIsMovedToOrFromAServerThatCannotBeCountedOn(
      @ForAll @DoubleRange(min = 0.3, max = 5) double pressure,
      @ForAll @IntRange(min = 0, max = 2) int how,
      @ForAll long seed) {
    BalancingPolicy policy = adaptive(seed);
    VirtualCluster cluster = new VirtualCluster(policy, seed);
    Loads a = server("a").pressure(pressure).sessions(10);
    for (int second = 0; second < 20; second++) {
      Instant now = NOW.plusSeconds(second);
      List<SessionLoad> clients = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        clients.add(
            new SessionLoad(
                "s" + i, "c" + i, "gold", NOW.minusSeconds(99), 1, 1, pressure * 3.2, Map.of()));
      }
      Loads b = server("b").at(now);
      ServerLoad unfit =
          (how == 0 ? b.suspect() : how == 1 ? b.draining() : b.serving("archive")).load();
      SystemLoad load =
          SystemLoad.of(now, List.of(a.at(now).load(clients), unfit, server("c").at(now).load()));
      for (SessionMove move : policy.balance("gold", load, now)) {
        assertThat(move.to()).isEqualTo(id("c"));
        policy.moved(move, true, now);
      }
    }
    assertThat(cluster.made).isEmpty();
  }

  // ---- new clients ----

  @Test
  @Tag("S4")
  void aNewClientGoesWhereThePressureIsLow() {
    AllocationPolicy policy = adaptive(1);
    assertThat(
            policy.allocate(
                request(), system(server("a").pressure(0.8), server("b").pressure(0.2)), NOW))
        .hasValueSatisfying(
            allocation -> {
              assertThat(allocation.server()).isEqualTo(id("b"));
              assertThat(allocation.reason()).contains("b").contains("0.20");
              assertThat(allocation.numbers()).containsKeys("score.a", "score.b", "predicted.b");
            });
  }

  @Test
  @Tag("S3")
  void betweenEqualsItGoesWhereItsBlocksAre() {
    AllocationPolicy policy = adaptive(1);
    SystemLoad load = system(server("a").pressure(0.5), server("b").pressure(0.5));
    assertThat(policy.allocate(request(Set.of(), Map.of(id("b"), 0.7)), load, NOW))
        .hasValueSatisfying(to -> assertThat(to.server()).isEqualTo(id("b")));
  }

  @Test
  void aSecondSessionOfAHostGoesElsewhere() {
    AllocationPolicy policy = adaptive(1);
    SystemLoad load = system(server("a").pressure(0.3), server("b").pressure(0.4));
    assertThat(policy.allocate(request(Set.of(id("a")), Map.of()), load, NOW))
        .hasValueSatisfying(to -> assertThat(to.server()).isEqualTo(id("b")));
  }

  @Property(tries = 100)
  @net.jqwik.api.Tag("S5")
  void manyAtOnceAreSpreadThoughNoSampleComesBetween(@ForAll long seed) {
    AllocationPolicy policy = adaptive(seed);
    SystemLoad load = system(server("a"), server("b"), server("c"), server("d"));
    int[] given = new int[4];
    for (int i = 0; i < 400; i++) {
      ServerId to = policy.allocate(request(), load, NOW).orElseThrow().server();
      given[to.value().charAt(0) - 'a']++;
    }
    assertThat(Arrays.stream(given).boxed()).allMatch(count -> count >= 94 && count <= 106);
  }

  @Example
  void nobodyIsSelectedWhenNobodyMayBe() {
    AllocationPolicy policy = adaptive(1);
    SystemLoad load = system(server("a").suspect(), server("b").draining(), server("c").dead());
    assertThat(policy.allocate(request(), load, NOW)).isEmpty();
    assertThat(new HashSet<>(Set.of(policy.name()))).containsExactly("adaptive");
  }
}
