package io.sandrift.server.distribution.policy;

import java.util.List;
import java.util.stream.Collectors;

/** The policies that there are. */
public final class PolicyCatalog {

  private static final List<PolicyKind> KINDS =
      List.of(
          RoundRobinPolicy.KIND,
          LeastLoadedPolicy.KIND,
          MasterPolicy.KIND,
          IntakePolicy.KIND,
          AdaptivePolicy.KIND);

  private PolicyCatalog() {}

  /** All of them, the simplest first. */
  public static List<PolicyKind> kinds() {
    return KINDS;
  }

  /**
   * The one of that name.
   *
   * @throws IllegalArgumentException if there is none; the message names those that there are
   */
  public static PolicyKind kind(String name) {
    return KINDS.stream()
        .filter(kind -> kind.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no policy '"
                        + name
                        + "'; there are "
                        + KINDS.stream().map(PolicyKind::name).collect(Collectors.joining(", "))));
  }
}
