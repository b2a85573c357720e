package io.sandrift.iscsi.text;

import java.util.Arrays;
import java.util.List;

/**
 * The rules of RFC 7143 clause 6.2, as functions of what one side offers and the other would like.
 */
final class NegotiationRule {

  private static final String YES = "Yes";
  private static final String NO = "No";

  private NegotiationRule() {}

  /**
   * The answer to an offer: the value that holds from now on, or {@link TextKey#REJECT}.
   *
   * @param offered by the other side; may be anything
   * @param ours what this side would have said, well formed
   */
  static String answer(TextKey key, String offered, String ours) {
    try {
      return switch (key.rule()) {
        case LIST -> firstCommon(list(offered), list(ours));
        case BOOLEAN_AND -> yes(key, offered) && yes(key, ours) ? YES : NO;
        case BOOLEAN_OR -> yes(key, offered) || yes(key, ours) ? YES : NO;
        case MINIMUM -> Integer.toString(Math.min(key.parseNumber(offered), key.parseNumber(ours)));
        case MAXIMUM -> Integer.toString(Math.max(key.parseNumber(offered), key.parseNumber(ours)));
        case OBSOLETE -> TextKey.REJECT;
        case DECLARATION, SECURITY ->
            throw new IllegalArgumentException(key.wireName() + " has no answer");
      };
    } catch (MalformedTextException e) {
      // Clause 6.2.2: an inadmissible offer may be answered so, and the key keeps its value.
      return TextKey.REJECT;
    }
  }

  /**
   * Checks that an answer follows from what this side had offered.
   *
   * @param answered by the other side; may be anything but a refusal
   * @throws MalformedTextException when it doesn't follow
   */
  static void check(TextKey key, String offered, String answered) throws MalformedTextException {
    boolean follows =
        switch (key.rule()) {
          case LIST -> list(offered).contains(answered);
          case BOOLEAN_AND -> !yes(key, answered) || yes(key, offered);
          case BOOLEAN_OR -> yes(key, answered) || !yes(key, offered);
          case MINIMUM -> key.parseNumber(answered) <= key.parseNumber(offered);
          case MAXIMUM -> key.parseNumber(answered) >= key.parseNumber(offered);
          case OBSOLETE, DECLARATION, SECURITY -> false;
        };
    if (!follows) {
      throw MalformedTextException.value(
          key.wireName(), answered, "an answer to the offer \"" + offered + "\"");
    }
  }

  private static String firstCommon(List<String> offered, List<String> ours) {
    for (String value : offered) {
      if (ours.contains(value)) {
        return value;
      }
    }
    return TextKey.REJECT;
  }

  private static List<String> list(String value) {
    return Arrays.asList(value.split(",", -1));
  }

  private static boolean yes(TextKey key, String value) throws MalformedTextException {
    if (value.equals(YES)) {
      return true;
    }
    if (value.equals(NO)) {
      return false;
    }
    throw MalformedTextException.value(key.wireName(), value, "Yes or No");
  }
}
