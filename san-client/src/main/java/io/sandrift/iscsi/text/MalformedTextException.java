package io.sandrift.iscsi.text;

/**
 * Text that RFC 7143 chapter 6 doesn't allow, or more of it than was allowed here. Carries no stack
 * trace: peers cause it at will.
 */
public final class MalformedTextException extends Exception {

  private static final long serialVersionUID = 1;

  MalformedTextException(String message) {
    super(message, null, false, false);
  }

  /**
   * A key's value that is not what the key takes.
   *
   * @param expected what would have been right
   */
  static MalformedTextException value(String key, String value, String expected) {
    return new MalformedTextException(
        "%s is \"%s\", expected %s".formatted(key, shortened(value), expected));
  }

  /** Peers choose these strings, so no message repeats more than a line of them. */
  static String shortened(String value) {
    StringBuilder shown = new StringBuilder();
    value
        .codePoints()
        .limit(80)
        .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
    return shown.length() < value.length() ? shown + "..." : shown.toString();
  }
}
