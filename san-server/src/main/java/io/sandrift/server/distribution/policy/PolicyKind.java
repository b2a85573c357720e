package io.sandrift.server.distribution.policy;

import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * One of the policies that there are: what users read of it, and how it is made.
 *
 * @param name what users call it
 * @param sentence what it does
 * @param parameters what may be set about it
 * @param factory makes one from checked values and a source of randomness
 */
public record PolicyKind(
    String name,
    String sentence,
    List<PolicyParameter> parameters,
    BiFunction<PolicyValues, RandomGenerator, AllocationPolicy> factory) {

  public PolicyKind {
    parameters = List.copyOf(parameters);
  }

  /** The parameter of that name. */
  public Optional<PolicyParameter> parameter(String parameterName) {
    return parameters.stream().filter(each -> each.name().equals(parameterName)).findFirst();
  }
}
