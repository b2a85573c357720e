package io.sandrift.load.service;

import io.sandrift.load.membership.ServerId;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A node's load and its list of instances, as its control process publishes them.
 *
 * @param node the machine's name: 1 to 63 lower-case letters, digits, dots and hyphens
 * @param at when it was put together, by the node's clock
 * @param load the node's: 0 idle, 1 saturated, whatever the node can do
 * @param instances best rating first
 */
public record NodeReport(String node, Instant at, double load, List<InstanceRating> instances) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,62}");

  public NodeReport {
    requireName(node);
    instances = List.copyOf(instances);
  }

  /** Refuses what can't be a node's name. */
  public static String requireName(String node) {
    if (!NAME.matcher(node).matches()) {
      throw new IllegalArgumentException(
          "node name '"
              + node
              + "' is not 1 to 63 lower-case letters, digits, dots and hyphens, such as host-1");
    }
    return node;
  }

  /** An instance of this node; null if it isn't one. */
  public @Nullable InstanceRating find(ServerId instance) {
    for (InstanceRating one : instances) {
      if (Objects.equals(one.instance(), instance)) {
        return one;
      }
    }
    return null;
  }
}
