package io.sandrift.server.distribution.policy;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The intake of a service should change. Whoever carries it out does so by compare-and-set from
 * {@code before}, and then sends the intake message.
 *
 * @param kind what happens
 * @param before the state that it was decided on
 * @param after the state that is wanted
 * @param reason a sentence for people
 * @param numbers what the decision was taken on
 */
public record IntakeChange(
    Kind kind, IntakeState before, IntakeState after, String reason, Map<String, Double> numbers) {

  /** The kinds of change. */
  public enum Kind {
    /** The intake names another. */
    HAND_OVER,
    /** The intake gives the designation up, and the first whose time-out ends takes it. */
    GIVE_UP,
    /** A resource takes the designation by itself, as it is free or its holder is silent. */
    TAKE_OVER
  }

  public IntakeChange {
    numbers = Collections.unmodifiableMap(new TreeMap<>(numbers));
    if (after.epoch() != before.epoch() + 1) {
      throw new IllegalArgumentException(
          "epoch " + after.epoch() + " doesn't follow " + before.epoch());
    }
  }
}
