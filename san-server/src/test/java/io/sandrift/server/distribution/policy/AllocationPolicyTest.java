package io.sandrift.server.distribution.policy;

import static io.sandrift.server.distribution.policy.Loads.GOLD;
import static io.sandrift.server.distribution.policy.Loads.NOW;
import static io.sandrift.server.distribution.policy.Loads.id;
import static io.sandrift.server.distribution.policy.Loads.request;
import static io.sandrift.server.distribution.policy.Loads.server;
import static io.sandrift.server.distribution.policy.Loads.system;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.IntRange;

/** What all policies promise. */
class AllocationPolicyTest {

  @Provide
  Arbitrary<String> policies() {
    return Arbitraries.of(PolicyCatalog.kinds().stream().map(PolicyKind::name).toList());
  }

  private static AllocationPolicy policy(String name, long seed) {
    return new PolicySpec(name, Map.of()).create(new SplittableRandom(seed));
  }

  /** Servers of all kinds, "s0" to "s" + count. */
  private static SystemLoad any(int count, Random random) {
    Loads[] servers = new Loads[count];
    for (int i = 0; i < count; i++) {
      Loads one =
          server("s" + i)
              .pressure(random.nextDouble() * 2)
              .knee(8 << random.nextInt(4))
              .sessions(random.nextInt(50))
              .reserved(random.nextInt(3) * 0.1);
      switch (random.nextInt(8)) {
        case 0 -> one.suspect();
        case 1 -> one.dead();
        case 2 -> one.draining();
        case 3 -> one.serving("archive");
        case 4 -> one.serving(GOLD, "archive");
        case 5 -> one.unheard();
        default -> one.cpu(random.nextDouble());
      }
      servers[i] = one;
    }
    return system(servers);
  }

  @Property(tries = 500)
  @Tag("S4")
  @Tag("S5")
  @Tag("I12")
  void onlyAServerThatIsAliveAndServesTheServiceIsEverSelected(
      @ForAll @From("policies") String name,
      @ForAll @IntRange(min = 0, max = 9) int count,
      @ForAll long seed) {
    SystemLoad load = any(count, new Random(seed));
    AllocationPolicy policy = policy(name, seed);
    for (int i = 0; i < 20; i++) {
      var selected = policy.allocate(request(), load, NOW.plusSeconds(i));
      if (load.admitting(GOLD).isEmpty()) {
        assertThat(selected).isEmpty();
      } else {
        assertThat(load.find(selected.orElseThrow().server()).admits(GOLD)).isTrue();
        assertThat(selected.get().reason()).isNotBlank();
      }
    }
  }

  @Property(tries = 200)
  void whoRefusedIsNotSelectedAgain(
      @ForAll @From("policies") String name,
      @ForAll @IntRange(min = 1, max = 9) int count,
      @ForAll long seed) {
    SystemLoad load = any(count, new Random(seed));
    AllocationPolicy policy = policy(name, seed);
    AllocationRequest request = request();
    for (int attempt = 0; attempt < load.admitting(GOLD).size(); attempt++) {
      var selected = policy.allocate(request, load, NOW).orElseThrow().server();
      assertThat(request.refused()).doesNotContain(selected);
      request = request.refusedBy(selected);
      assertThat(request.attempt()).isEqualTo(attempt + 1);
    }
    assertThat(policy.allocate(request, load, NOW)).isEmpty();
  }

  @Property(tries = 100)
  void theSameSeedDecidesTheSame(@ForAll @From("policies") String name, @ForAll long seed) {
    AllocationPolicy one = policy(name, seed);
    AllocationPolicy other = policy(name, seed);
    Random random = new Random(seed);
    for (int i = 0; i < 20; i++) {
      SystemLoad load = any(8, random);
      assertThat(one.allocate(request(), load, NOW.plusSeconds(i)))
          .isEqualTo(other.allocate(request(), load, NOW.plusSeconds(i)));
    }
  }

  @Property(tries = 50)
  @Tag("S6")
  void roundRobinGivesEachServerTheSameWhateverItsLoad(
      @ForAll @IntRange(min = 1, max = 12) int count,
      @ForAll @IntRange(min = 1, max = 10) int rounds,
      @ForAll long seed) {
    Random random = new Random(seed);
    Loads[] servers = new Loads[count];
    for (int i = 0; i < count; i++) {
      servers[i] = server("s" + i).pressure(random.nextDouble() * 3);
    }
    AllocationPolicy policy = policy("round-robin", seed);
    Map<Object, Integer> given = new HashMap<>();
    for (int i = 0; i < count * rounds; i++) {
      var to = policy.allocate(request(), system(servers), NOW).orElseThrow().server();
      given.merge(to, 1, Integer::sum);
    }
    assertThat(given).hasSize(count).allSatisfy((to, times) -> assertThat(times).isEqualTo(rounds));
  }

  @Property(tries = 1)
  @Tag("S6")
  void roundRobinGoesOnBehindAServerThatHasGone() {
    AllocationPolicy policy = policy("round-robin", 1);
    SystemLoad all = system(server("a"), server("b"), server("c"));
    assertThat(policy.allocate(request(), all, NOW).orElseThrow().server()).isEqualTo(id("a"));
    assertThat(policy.allocate(request(), all, NOW).orElseThrow().server()).isEqualTo(id("b"));
    SystemLoad without = system(server("a"), server("b").dead(), server("c"));
    assertThat(policy.allocate(request(), without, NOW).orElseThrow().server()).isEqualTo(id("c"));
    assertThat(policy.allocate(request(), without, NOW).orElseThrow().server()).isEqualTo(id("a"));
  }

  @Property(tries = 1)
  @Tag("S5")
  void leastLoadedTakesTheLowerOfTwoWithWhatIsReserved() {
    SystemLoad load = system(server("a").pressure(0.3).reserved(0.4), server("b").pressure(0.5));
    var selected = policy("least-loaded", 1).allocate(request(), load, NOW).orElseThrow();
    assertThat(selected.server()).isEqualTo(id("b"));
    assertThat(selected.numbers())
        .containsEntry("predicted.a", 0.7)
        .containsEntry("predicted.b", 0.5);
  }

  @Property(tries = 20)
  @Tag("S5")
  void leastLoadedMakesNoHerdOfThoseThatAskBetweenTwoSamples(@ForAll long seed) {
    Loads[] servers = new Loads[50];
    for (int i = 0; i < servers.length; i++) {
      servers[i] = server("s" + i);
    }
    SystemLoad load = system(servers);
    AllocationPolicy policy = policy("least-loaded", seed);
    Map<Object, Integer> given = new HashMap<>();
    for (int i = 0; i < 1000; i++) {
      given.merge(policy.allocate(request(), load, NOW).orElseThrow().server(), 1, Integer::sum);
    }
    assertThat(given.values()).allMatch(times -> times <= 26); // 20 each; by chance it would be 35
  }

  @Property(tries = 1)
  void whatWasGivenIsForgottenWhenSamplesShowItOrNeverWill() {
    Ledger ledger = new Ledger();
    ledger.add(id("a"), 0.3, NOW);
    assertThat(ledger.predicted(server("a").pressure(0.1).load(), NOW)).isEqualTo(0.4);
    assertThat(ledger.sessions(server("a").sessions(2).load(), NOW)).isEqualTo(3);
    // a sample whose window ends before the session can have come
    assertThat(ledger.predicted(server("a").at(NOW.plusSeconds(1)).load(), NOW.plusSeconds(1)))
        .isEqualTo(0.3);
    assertThat(ledger.predicted(server("a").at(NOW.plusSeconds(3)).load(), NOW.plusSeconds(3)))
        .isZero();
    ledger.add(id("b"), 0.3, NOW);
    assertThat(ledger.predicted(server("b").load(), NOW.plus(Ledger.LIMIT))).isEqualTo(0.3);
    assertThat(ledger.predicted(server("b").load(), NOW.plus(Ledger.LIMIT).plusSeconds(1)))
        .isZero();
  }

  @Property(tries = 1)
  void aReservationIsNotCountedTwice() {
    Ledger ledger = new Ledger();
    ledger.add(id("a"), 0.3, NOW);
    assertThat(ledger.predicted(server("a").reserved(0.25).load(), NOW)).isEqualTo(0.3);
    assertThat(ledger.predicted(server("a").reserved(0.5).load(), NOW)).isEqualTo(0.5);
  }

  @Property(tries = 1)
  void aRequestIsRefusedThatMakesNoSense() {
    assertThatThrownBy(
            () ->
                new AllocationRequest(
                    "s", "c", "v", GOLD, id("a"), Set.of(), Map.of(), Double.NaN, 0))
        .hasMessageContaining("expected pressure");
    assertThatThrownBy(() -> request().with(server("b").load()))
        .hasMessageContaining("the load is that of b, reached was a");
  }

  @Property(tries = 1)
  void aSampleFromAClockThatIsWrongCountsFromWhenItWasHeard() {
    var load = server("a").at(NOW.minus(Duration.ofMinutes(5))).load();
    var heard =
        new ServerLoad(
            load.server(),
            load.liveness(),
            false,
            Set.of(),
            load.sample(),
            load.pressure(),
            0,
            NOW);
    assertThat(Measured.of(heard).to()).isEqualTo(NOW);
    assertThat(Measured.of(heard).missing(NOW.minusMillis(250))).isEqualTo(0.75);
    assertThat(Measured.of(heard).missing(NOW)).isEqualTo(1);
    assertThat(Measured.of(heard).missing(NOW.minusSeconds(1))).isZero();
    assertThat(Measured.of(server("a").unheard().load()).missing(NOW)).isEqualTo(1);
  }
}
