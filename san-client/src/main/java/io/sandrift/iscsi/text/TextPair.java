package io.sandrift.iscsi.text;

/**
 * One {@code key=value} (RFC 7143 clause 6.1).
 *
 * @param key 1 to {@link #MAX_KEY_BYTES} bytes: a letter, then letters, digits and {@code . - + @
 *     _}
 * @param value text without NUL, possibly empty
 */
public record TextPair(String key, String value) {

  /** The longest key name, in bytes. */
  public static final int MAX_KEY_BYTES = 63;

  public TextPair {
    if (!isKey(key)) {
      throw new IllegalArgumentException(
          "not a key name: " + MalformedTextException.shortened(key));
    }
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("the value of " + key + " contains a NUL");
    }
  }

  static boolean isKey(String key) {
    if (key.isEmpty() || key.length() > MAX_KEY_BYTES || !isLetter(key.charAt(0))) {
      return false;
    }
    return key.chars()
        .allMatch(c -> isLetter(c) || (c >= '0' && c <= '9') || ".-+@_".indexOf(c) >= 0);
  }

  private static boolean isLetter(int c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  }

  /** The pair as it is sent, without the NUL; the values of secrets' proofs are left out. */
  @Override
  public String toString() {
    return key
        + "="
        + (key.equals("CHAP_R") ? "(hidden)" : MalformedTextException.shortened(value));
  }
}
