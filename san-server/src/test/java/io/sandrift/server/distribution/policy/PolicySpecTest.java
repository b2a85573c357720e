package io.sandrift.server.distribution.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PolicySpecTest {

  static Stream<PolicyKind> kinds() {
    return PolicyCatalog.kinds().stream();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyPolicyIsMadeWithItsDefaultsAndHasItsName(PolicyKind kind) {
    AllocationPolicy policy = new PolicySpec(kind.name(), Map.of()).create(new SplittableRandom(1));
    assertThat(policy.name()).isEqualTo(kind.name());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyParameterIsDescribedAndAcceptsItsDefault(PolicyKind kind) {
    assertThat(kind.sentence()).endsWith(".");
    assertThat(kind.parameters()).extracting(PolicyParameter::name).doesNotHaveDuplicates();
    for (PolicyParameter parameter : kind.parameters()) {
      assertThat(parameter.name()).matches("[a-z-]+");
      assertThat(parameter.range()).isNotBlank();
      new PolicySpec(kind.name(), Map.of(parameter.name(), parameter.defaultText()));
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyNumberIsRefusedBeyondItsLimits(PolicyKind kind) {
    for (PolicyParameter parameter : kind.parameters()) {
      if (parameter.choices().isEmpty()) {
        assertThatThrownBy(() -> parameter.check(Double.toString(parameter.least() - 0.001)))
            .hasMessageContaining(parameter.name())
            .hasMessageContaining(parameter.range());
        assertThatThrownBy(() -> parameter.check(Double.toString(parameter.most() + 0.001)))
            .hasMessageContaining(parameter.range());
        parameter.check(Double.toString(parameter.least()));
        parameter.check(Double.toString(parameter.most()));
      }
      assertThatThrownBy(() -> parameter.check("NaN")).hasMessageContaining("NaN");
      assertThatThrownBy(() -> parameter.check("")).hasMessageContaining("expected");
    }
  }

  @Test
  void anUnknownPolicyIsRefusedWithTheNamesOfThoseThereAre() {
    assertThatThrownBy(() -> new PolicySpec("fastest", Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("fastest")
        .hasMessageContaining("round-robin, least-loaded, master, intake, adaptive");
  }

  @Test
  void anUnknownParameterIsRefusedWithTheNamesOfThoseThereAre() {
    assertThatThrownBy(() -> new PolicySpec("least-loaded", Map.of("choice", "2")))
        .hasMessageContaining("'choice'")
        .hasMessageContaining("it has choices");
    assertThatThrownBy(() -> new PolicySpec("round-robin", Map.of("choice", "2")))
        .hasMessageContaining("it has none");
  }

  @Test
  void valuesThatDoNotFitEachOtherAreRefused() {
    assertThatThrownBy(() -> new PolicySpec("adaptive", Map.of("enter", "1.05", "leave", "1.05")))
        .hasMessageContaining("leave is 1.05, expected less than enter");
    assertThatThrownBy(() -> new PolicySpec("adaptive", Map.of("low", "0.5", "high", "0.5")))
        .hasMessageContaining("low");
    assertThatThrownBy(
            () -> new PolicySpec("intake", Map.of("threshold", "0.5", "hysteresis", "0.5")))
        .hasMessageContaining("hysteresis");
    assertThatThrownBy(() -> new PolicySpec("intake", Map.of("step", "6", "longest", "5")))
        .hasMessageContaining("longest");
  }

  @Test
  void whatHoldsIsWhatWasSetAndOtherwiseTheDefaults() {
    PolicySpec spec = new PolicySpec("intake", Map.of("choice", "timeout"));
    assertThat(spec.effective())
        .containsEntry("choice", "timeout")
        .containsEntry("threshold", "0.8")
        .hasSize(spec.kind().parameters().size());
  }

  @Test
  void thePageOnDistributionListsAllParametersAsDeclared() throws Exception {
    String page = Files.readString(Path.of("..", "docs", "distribution.md"));
    for (PolicyKind kind : PolicyCatalog.kinds()) {
      for (PolicyParameter each : kind.parameters()) {
        assertThat(page)
            .contains(
                "| %s | `%s` | %s | %s | %s |\n"
                    .formatted(
                        kind.name(),
                        each.name(),
                        each.defaultText(),
                        each.range(),
                        each.sentence()));
      }
    }
  }
}
