package io.sandrift.iscsi.text;

import java.util.Base64;
import java.util.HexFormat;

/**
 * Bytes in text: hexadecimal behind {@code 0x} or base64 behind {@code 0b} (RFC 7143 clause 6.1).
 */
public final class BinaryValue {

  private BinaryValue() {}

  /** The bytes in hexadecimal, which every implementation reads. */
  public static String toHex(byte[] bytes) {
    return "0x" + HexFormat.of().formatHex(bytes);
  }

  /** The bytes in base64, shorter. */
  public static String toBase64(byte[] bytes) {
    return "0b" + Base64.getEncoder().encodeToString(bytes);
  }

  /**
   * Reads either form. An odd number of hexadecimal digits is read with a zero before the first.
   *
   * @param key whose value it is, for the message
   * @param maxBytes the most bytes that it may stand for
   */
  public static byte[] parse(String key, String value, int maxBytes) throws MalformedTextException {
    byte[] bytes = decode(key, value);
    if (bytes.length > maxBytes) {
      throw new MalformedTextException(
          "the value of %s stands for %d bytes, at most %d are allowed"
              .formatted(key, bytes.length, maxBytes));
    }
    return bytes;
  }

  private static byte[] decode(String key, String value) throws MalformedTextException {
    String digits = value.length() < 2 ? "" : value.substring(2);
    try {
      if (value.startsWith("0x") || value.startsWith("0X")) {
        return HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
      }
      if (value.startsWith("0b") || value.startsWith("0B")) {
        return Base64.getDecoder().decode(digits);
      }
    } catch (IllegalArgumentException e) {
      // Falls through to the one message: the value may be a proof of a secret, so it isn't shown.
    }
    throw new MalformedTextException(
        key + " is not binary: expected 0x and hexadecimal digits, or 0b and base64");
  }
}
