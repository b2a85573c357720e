package io.sandrift.iscsi.text;

/** Numbers in text: decimal, or hexadecimal behind {@code 0x} (RFC 7143 clause 6.1). */
public final class NumericValue {

  /** More than the 24 bits of chapter 13's largest numbers need, and few enough for a long. */
  private static final int MAX_DIGITS = 10;

  private NumericValue() {}

  /**
   * Reads a number.
   *
   * @return the number, from {@code lowest} to {@code highest}
   */
  public static int parse(String key, String value, int lowest, int highest)
      throws MalformedTextException {
    boolean hex = value.startsWith("0x") || value.startsWith("0X");
    String digits = hex ? value.substring(2) : value;
    int radix = hex ? 16 : 10;
    boolean wellFormed =
        !digits.isEmpty()
            && digits.length() <= MAX_DIGITS
            && digits.chars().allMatch(c -> c < 0x80 && Character.digit(c, radix) >= 0);
    long number = wellFormed ? Long.parseLong(digits, radix) : -1;
    if (number < lowest || number > highest) {
      throw MalformedTextException.value(key, value, "a number from " + lowest + " to " + highest);
    }
    return (int) number;
  }
}
