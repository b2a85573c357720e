package io.sandrift.server.distribution.policy;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * Which policy a type of service has, with what users have set about it: a value to store and show.
 * Whatever can't be is refused when it is made.
 *
 * @param policy the policy's name
 * @param values what was set, by parameter name; the rest has its default
 */
public record PolicySpec(String policy, Map<String, String> values) {

  /** What a service has that nobody has given a policy. */
  public static final PolicySpec DEFAULT = new PolicySpec("adaptive", Map.of());

  /**
   * @throws IllegalArgumentException if there is no such policy or parameter, or a value is out of
   *     its range; the message says what is expected
   */
  public PolicySpec {
    values = Collections.unmodifiableMap(new TreeMap<>(values));
    PolicyKind kind = PolicyCatalog.kind(policy);
    values.forEach(
        (name, value) ->
            kind.parameter(name)
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "policy "
                                + kind.name()
                                + " has no parameter '"
                                + name
                                + "'; "
                                + parametersOf(kind)))
                .check(value));
    // Made once and thrown away: what one value says may not fit another.
    AllocationPolicy made = kind.factory().apply(new PolicyValues(values), new SplittableRandom(0));
    if (!made.name().equals(policy)) {
      throw new IllegalStateException("policy " + policy + " calls itself " + made.name());
    }
  }

  /** What kind of policy it is. */
  public PolicyKind kind() {
    return PolicyCatalog.kind(policy);
  }

  /** All its parameters in the order in which they are described, with the values that hold. */
  public Map<String, String> effective() {
    PolicyValues checked = new PolicyValues(values);
    Map<String, String> all = new LinkedHashMap<>();
    kind().parameters().forEach(each -> all.put(each.name(), checked.text(each)));
    return Collections.unmodifiableMap(all);
  }

  /** Makes the policy: one object for each type of service, used by one thread at a time. */
  public AllocationPolicy create(RandomGenerator random) {
    return kind().factory().apply(new PolicyValues(values), random);
  }

  private static String parametersOf(PolicyKind kind) {
    return kind.parameters().isEmpty()
        ? "it has none"
        : "it has "
            + kind.parameters().stream()
                .map(PolicyParameter::name)
                .collect(Collectors.joining(", "));
  }
}
