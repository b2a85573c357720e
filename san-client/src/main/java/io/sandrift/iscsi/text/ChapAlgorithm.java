package io.sandrift.iscsi.text;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/**
 * The digests that CHAP may use, by their value of CHAP_A (RFC 7143 clause 12.1.3 and IANA's list
 * of PPP authentication algorithms). Declared from the strongest to the one that everybody has.
 */
public enum ChapAlgorithm {
  SHA3_256(8, "SHA3-256", 32),
  SHA_256(7, "SHA-256", 32),
  MD5(5, "MD5", 16);

  private final int wireValue;
  private final String digest;
  private final int responseBytes;

  ChapAlgorithm(int wireValue, String digest, int responseBytes) {
    this.wireValue = wireValue;
    this.digest = digest;
    this.responseBytes = responseBytes;
  }

  public int wireValue() {
    return wireValue;
  }

  /** A response's length in bytes. */
  public int responseBytes() {
    return responseBytes;
  }

  MessageDigest newDigest() {
    try {
      return MessageDigest.getInstance(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java runtime has no " + digest, e);
    }
  }

  /** The value of CHAP_A that offers all of them, in order of preference. */
  public static String offer() {
    StringBuilder list = new StringBuilder();
    for (ChapAlgorithm algorithm : values()) {
      list.append(list.isEmpty() ? "" : ",").append(algorithm.wireValue);
    }
    return list.toString();
  }

  /** The first in an offered list that is known here, or null when none is. */
  public static @Nullable ChapAlgorithm firstKnown(String offered) {
    for (String value : offered.split(",", -1)) {
      for (ChapAlgorithm algorithm : values()) {
        if (value.equals(Integer.toString(algorithm.wireValue))) {
          return algorithm;
        }
      }
    }
    return null;
  }
}
