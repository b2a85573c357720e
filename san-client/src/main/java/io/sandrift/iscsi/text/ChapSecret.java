package io.sandrift.iscsi.text;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A secret that an initiator and a target share. Never shown: {@link #toString} hides it, and no
 * message contains it.
 */
public final class ChapSecret {

  /** RFC 7143 clause 9.2.1: 96 random bits at least. */
  public static final int MIN_BYTES = 12;

  /** Longer ones can't be entered in most initiators. */
  public static final int MAX_BYTES = 255;

  private final byte[] bytes;

  private ChapSecret(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A secret from its text, as UTF-8.
   *
   * @throws IllegalArgumentException when it is shorter than {@link #MIN_BYTES} or longer than
   *     {@link #MAX_BYTES}
   */
  public static ChapSecret of(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length < MIN_BYTES || bytes.length > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a CHAP secret has %d bytes, expected %d to %d; choose it at random"
              .formatted(bytes.length, MIN_BYTES, MAX_BYTES));
    }
    return new ChapSecret(bytes);
  }

  /** Adds the secret to a digest. */
  void feed(MessageDigest digest) {
    digest.update(bytes);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChapSecret that && MessageDigest.isEqual(bytes, that.bytes);
  }

  /** The same for all: a hash would tell something about the secret. */
  @Override
  public int hashCode() {
    return 0;
  }

  @Override
  public String toString() {
    return "(hidden)";
  }
}
