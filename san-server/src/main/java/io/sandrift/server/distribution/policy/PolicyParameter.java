package io.sandrift.server.distribution.policy;

import java.util.List;
import java.util.Locale;

/**
 * Something about a policy that users may set.
 *
 * @param name what they call it, such as {@code min-residence}
 * @param defaultText its value unless they set it
 * @param least the smallest number allowed; of no meaning for a choice
 * @param most the largest number allowed, likewise
 * @param choices the words allowed; empty for a number
 * @param unit of the number, such as {@code s}; empty when it has none
 * @param sentence what it is for
 */
public record PolicyParameter(
    String name,
    String defaultText,
    double least,
    double most,
    List<String> choices,
    String unit,
    String sentence) {

  public PolicyParameter {
    choices = List.copyOf(choices);
    check(name, defaultText, least, most, choices, unit);
  }

  static PolicyParameter number(
      String name, double value, double least, double most, String unit, String sentence) {
    return new PolicyParameter(name, text(value), least, most, List.of(), unit, sentence);
  }

  static PolicyParameter choice(String name, String value, List<String> choices, String sentence) {
    return new PolicyParameter(name, value, 0, 0, choices, "", sentence);
  }

  /** What is allowed, for people. */
  public String range() {
    return range(least, most, choices, unit);
  }

  /**
   * Looks whether a value is allowed.
   *
   * @throws IllegalArgumentException if it isn't; the message says what is
   */
  public void check(String text) {
    check(name, text, least, most, choices, unit);
  }

  private static void check(
      String name, String text, double least, double most, List<String> choices, String unit) {
    if (choices.isEmpty() ? !isBetween(text, least, most) : !choices.contains(text)) {
      throw new IllegalArgumentException(
          name + " is '" + text + "', expected " + range(least, most, choices, unit));
    }
  }

  private static boolean isBetween(String text, double least, double most) {
    try {
      double value = Double.parseDouble(text);
      return value >= least && value <= most;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private static String range(double least, double most, List<String> choices, String unit) {
    return choices.isEmpty()
        ? (text(least) + " to " + text(most) + " " + unit).strip()
        : String.join(", ", choices);
  }

  private static String text(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.format(Locale.ROOT, "%.0f", value)
        : Double.toString(value);
  }
}
