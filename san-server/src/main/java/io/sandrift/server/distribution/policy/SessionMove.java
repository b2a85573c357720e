package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A session is to be served elsewhere.
 *
 * @param session its identity
 * @param reason a sentence for people
 * @param numbers what the decision was taken on
 */
public record SessionMove(
    String session, ServerId from, ServerId to, String reason, Map<String, Double> numbers) {

  public SessionMove {
    numbers = Collections.unmodifiableMap(new TreeMap<>(numbers));
    if (from.equals(to)) {
      throw new IllegalArgumentException("session " + session + " is at " + to + " already");
    }
  }
}
