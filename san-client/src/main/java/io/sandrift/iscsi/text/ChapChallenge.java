package io.sandrift.iscsi.text;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One CHAP challenge, and the response that proves the secret (RFC 1994, RFC 7143 clause 12.1.3).
 * Used by whoever asks as well as by whoever answers. Immutable.
 */
public final class ChapChallenge {

  /** The length of the challenges made here, in bytes. */
  static final int BYTES = 32;

  /** The longest challenge or response that is taken, in bytes (clause 12.1.3). */
  private static final int MAX_BYTES = 1024;

  private final ChapAlgorithm algorithm;
  private final int identifier;
  private final byte[] challenge;

  private ChapChallenge(ChapAlgorithm algorithm, int identifier, byte[] challenge) {
    this.algorithm = algorithm;
    this.identifier = identifier;
    this.challenge = challenge;
  }

  /**
   * A new challenge.
   *
   * @param random a {@link java.security.SecureRandom} outside of tests
   */
  public static ChapChallenge random(ChapAlgorithm algorithm, RandomGenerator random) {
    byte[] challenge = new byte[BYTES];
    random.nextBytes(challenge);
    return new ChapChallenge(algorithm, random.nextInt(256), challenge);
  }

  /** Reads a peer's challenge from its CHAP_I and CHAP_C. */
  public static ChapChallenge parse(ChapAlgorithm algorithm, String chapI, String chapC)
      throws MalformedTextException {
    int identifier = NumericValue.parse(TextKey.CHAP_I.wireName(), chapI, 0, 255);
    byte[] challenge = BinaryValue.parse(TextKey.CHAP_C.wireName(), chapC, MAX_BYTES);
    if (challenge.length == 0) {
      throw new MalformedTextException("CHAP_C is empty, expected a challenge");
    }
    return new ChapChallenge(algorithm, identifier, challenge);
  }

  /** Adds CHAP_I and CHAP_C. */
  public void addTo(TextPairs.Builder text) {
    text.add(TextKey.CHAP_I, identifier).add(TextKey.CHAP_C, BinaryValue.toHex(challenge));
  }

  /** Adds the CHAP_N and CHAP_R that answer this challenge. */
  public void answer(ChapCredentials credentials, TextPairs.Builder text) {
    text.add(TextKey.CHAP_N, credentials.name())
        .add(TextKey.CHAP_R, BinaryValue.toHex(response(credentials.secret())));
  }

  /**
   * Whether CHAP_N and CHAP_R prove these credentials. Takes the same time for a wrong name as for
   * a wrong response.
   */
  public boolean isAnswered(ChapCredentials expected, String chapN, String chapR)
      throws MalformedTextException {
    byte[] response = BinaryValue.parse(TextKey.CHAP_R.wireName(), chapR, MAX_BYTES);
    boolean proven = MessageDigest.isEqual(response(expected.secret()), response);
    return expected.name().equals(chapN) && proven;
  }

  /**
   * Whether the other challenge is this one sent back, which would have its sender prove itself
   * with our own response (clause 9.2.1 forbids to answer it).
   */
  public boolean isReflectedBy(ChapChallenge other) {
    return Arrays.equals(challenge, other.challenge);
  }

  private byte[] response(ChapSecret secret) {
    MessageDigest digest = algorithm.newDigest();
    digest.update((byte) identifier);
    secret.feed(digest);
    return digest.digest(challenge);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ChapChallenge that
        && algorithm == that.algorithm
        && identifier == that.identifier
        && Arrays.equals(challenge, that.challenge);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(challenge);
  }

  @Override
  public String toString() {
    return algorithm + " challenge " + identifier;
  }
}
