package io.sandrift.server.distribution.policy;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the next intake is found. */
public enum IntakeChoice {
  /** The next larger identifier, and after the largest the smallest. */
  IDENTIFIER,
  /** The best rating. */
  RATING,
  /** Whose time-out ends first; the better the rating, the shorter the time-out. */
  TIMEOUT;

  /** What users write. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static List<String> words() {
    return Arrays.stream(values()).map(IntakeChoice::word).toList();
  }
}
