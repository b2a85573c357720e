package io.sandrift.iscsi.pdu;

/**
 * The initiator's part of a session identifier (RFC 7143 clause 11.12.5): six bytes, the same for a
 * session that reinstates an earlier one.
 *
 * @param value 0 to 2^48 - 1
 */
public record Isid(long value) {

  public Isid {
    if (value < 0 || value >= 1L << 48) {
      throw new IllegalArgumentException("an ISID has 48 bits, not 0x" + Long.toHexString(value));
    }
  }

  /** Twelve lower-case hexadecimal digits. */
  @Override
  public String toString() {
    return "%012x".formatted(value);
  }
}
