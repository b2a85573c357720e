package io.sandrift.iscsi.codec;

/**
 * Which CRC32C digests a connection uses, in both directions alike (RFC 7143 clause 13.1).
 *
 * @param header after each header
 * @param data after each data segment that is not empty
 */
public record Digests(boolean header, boolean data) {

  /** What every connection begins with, and uses throughout its login phase. */
  public static final Digests NONE = new Digests(false, false);

  /** A digest's length in bytes. */
  static final int BYTES = 4;

  int headerBytes() {
    return header ? BYTES : 0;
  }

  int dataBytes(int dataLength) {
    return data && dataLength > 0 ? BYTES : 0;
  }
}
