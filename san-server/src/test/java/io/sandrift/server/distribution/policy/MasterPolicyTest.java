package io.sandrift.server.distribution.policy;

import static io.sandrift.server.distribution.policy.Loads.NOW;
import static io.sandrift.server.distribution.policy.Loads.id;
import static io.sandrift.server.distribution.policy.Loads.request;
import static io.sandrift.server.distribution.policy.Loads.server;
import static io.sandrift.server.distribution.policy.Loads.system;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.Pressure.Part;
import io.sandrift.load.view.SystemLoad;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("M1")
class MasterPolicyTest {

  private final AllocationPolicy master = master(Map.of());

  private static AllocationPolicy master(Map<String, String> values) {
    return new PolicySpec("master", values).create(new SplittableRandom(1));
  }

  private static ServerId selected(
      AllocationPolicy policy, AllocationRequest request, SystemLoad load) {
    return policy.allocate(request, load, NOW).orElseThrow().server();
  }

  @Test
  void theServerWithTheLowestPressureIsSelectedOfAll() {
    SystemLoad load =
        system(server("a").pressure(0.9), server("b").pressure(0.4), server("c").pressure(0.7));
    assertThat(master.allocate(request(), load, NOW))
        .hasValueSatisfying(
            allocation -> {
              assertThat(allocation.server()).isEqualTo(id("b"));
              assertThat(allocation.numbers()).containsEntry("predicted", 0.4);
              assertThat(allocation.numbers().get("score"))
                  .isLessThan(allocation.numbers().get("score.next"));
            });
  }

  @Test
  @Tag("M3")
  void ofEqualPressuresTheOtherMetricsDecide() {
    Loads calm = server("b").pressure(0.5);
    assertThat(selected(master, request(), system(server("a").pressure(0.5).cpu(0.5), calm)))
        .isEqualTo(id("b"));
    for (Part part : new Part[] {Part.LATENCY, Part.NETWORK, Part.STORAGE}) {
      Loads busy = server("a").pressure(0.5).part(part, 0.4);
      assertThat(selected(master(Map.of()), request(), system(busy, calm)))
          .as(part.name())
          .isEqualTo(id("b"));
    }
    assertThat(
            selected(
                master(Map.of()),
                request(),
                system(server("a").pressure(0.5).sessions(9), calm.sessions(3))))
        .isEqualTo(id("b"));
    assertThat(
            selected(
                master(Map.of()),
                request(),
                system(server("a").pressure(0.5).gcPause(0.2), server("b").pressure(0.5))))
        .isEqualTo(id("b"));
  }

  @Test
  void aWeightOfZeroLeavesItsMetricOut() {
    SystemLoad load = system(server("a").pressure(0.4).cpu(1), server("b").pressure(0.42));
    assertThat(selected(master(Map.of("cpu-weight", "0")), request(), load)).isEqualTo(id("a"));
    assertThat(selected(master(Map.of("cpu-weight", "5")), request(), load)).isEqualTo(id("b"));
  }

  @Test
  void atLeastOneMetricMustCount() {
    Map<String, String> none = new HashMap<>();
    for (String metric :
        new String[] {"pressure", "latency", "sessions", "cpu", "network", "storage", "gc"}) {
      none.put(metric + "-weight", "0");
    }
    assertThatThrownBy(() -> master(none)).hasMessageContaining("weights");
  }

  @Test
  @Tag("M4")
  void whatTheReachedServerSaysOfItselfCountsWhenItIsFresher() {
    SystemLoad load = system(server("a").pressure(0.2), server("b").pressure(0.5));
    AllocationRequest fresher =
        request().with(server("a").pressure(0.9).at(NOW.plusSeconds(1)).load());
    assertThat(selected(master(Map.of()), fresher, load)).isEqualTo(id("b"));
    AllocationRequest older =
        request().with(server("a").pressure(0.9).at(NOW.minusSeconds(1)).load());
    assertThat(selected(master(Map.of()), older, load)).isEqualTo(id("a"));
  }

  @Test
  @Tag("M4")
  void aServerThatSaysThatItDrainsIsNotSelected() {
    SystemLoad load = system(server("a").pressure(0.2), server("b").pressure(0.5));
    AllocationRequest drains = request().with(server("a").draining().at(NOW.plusSeconds(1)).load());
    assertThat(selected(master, drains, load)).isEqualTo(id("b"));
  }

  @Test
  @Tag("M5")
  void whatIsReservedCountsAsLoad() {
    SystemLoad load = system(server("a").pressure(0.1).reserved(0.6), server("b").pressure(0.5));
    assertThat(selected(master, request(), load)).isEqualTo(id("b"));
  }

  @Test
  void theSessionsOfOneHostAreSpread() {
    SystemLoad load = system(server("a").pressure(0.2), server("b").pressure(0.5));
    assertThat(selected(master, request(Set.of(id("a")), Map.of()), load)).isEqualTo(id("b"));
  }

  @Test
  @Tag("S3")
  void betweenEqualsTheBlocksDecide() {
    SystemLoad load = system(server("a").pressure(0.5), server("b").pressure(0.5));
    assertThat(selected(master, request(Set.of(), Map.of(id("b"), 0.5)), load)).isEqualTo(id("b"));
  }

  @Test
  @Tag("I12")
  void unequalServersFillByTheirCapacity() {
    SystemLoad load = system(server("a").knee(16), server("b").knee(48));
    int large = 0;
    for (int i = 0; i < 400; i++) {
      large += selected(master, request(), load).equals(id("b")) ? 1 : 0;
    }
    assertThat(large).isBetween(290, 310);
  }
}
