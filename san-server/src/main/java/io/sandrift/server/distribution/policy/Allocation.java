package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Who serves a client, and why.
 *
 * @param server the selected one
 * @param reason a sentence for people
 * @param numbers what the decision was taken on, such as {@code pressure.server-1}
 */
public record Allocation(ServerId server, String reason, Map<String, Double> numbers) {

  public Allocation {
    numbers = Collections.unmodifiableMap(new TreeMap<>(numbers));
  }
}
