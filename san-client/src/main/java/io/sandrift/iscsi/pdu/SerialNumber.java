package io.sandrift.iscsi.pdu;

/**
 * Comparison of 32-bit sequence numbers that wrap around (RFC 1982, as RFC 7143 clause 4.2.2 uses
 * it).
 */
public final class SerialNumber {

  private SerialNumber() {}

  /** Whether {@code a} comes before {@code b}. */
  public static boolean isBefore(int a, int b) {
    return a - b < 0;
  }

  /** Whether {@code value} lies in the window from {@code first} to {@code last}, both included. */
  public static boolean isWithin(int value, int first, int last) {
    return value - first >= 0 && last - value >= 0;
  }
}
