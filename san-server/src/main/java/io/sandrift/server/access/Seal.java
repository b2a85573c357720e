package io.sandrift.server.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals secrets for ZooKeeper: AES-256-GCM with a key that comes of the cluster's secret. What a
 * secret is for is sealed with it, so that none can be put in another's place.
 */
final class Seal {

  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final String PURPOSE = "sandrift: the secrets of access lists, 1";

  private final SecureRandom random = new SecureRandom();
  private final SecretKeySpec key;

  /**
   * @param clusterSecret what all servers of the cluster know
   */
  Seal(byte[] clusterSecret) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(clusterSecret, "HmacSHA256"));
      this.key = new SecretKeySpec(mac.doFinal(PURPOSE.getBytes(StandardCharsets.UTF_8)), "AES");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HMAC-SHA-256", e);
    }
  }

  /**
   * @param purpose what the secret is for
   */
  String seal(String secret, String purpose) {
    byte[] nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    try {
      byte[] sealed =
          cipher(Cipher.ENCRYPT_MODE, nonce, purpose)
              .doFinal(secret.getBytes(StandardCharsets.UTF_8));
      byte[] both = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
      System.arraycopy(sealed, 0, both, NONCE_BYTES, sealed.length);
      return Base64.getEncoder().encodeToString(both);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has AES-GCM", e);
    }
  }

  /**
   * @throws GeneralSecurityException if it was sealed for something else, or with another cluster's
   *     secret, or was changed
   */
  String open(String sealed, String purpose) throws GeneralSecurityException {
    byte[] both;
    try {
      both = Base64.getDecoder().decode(sealed);
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException("no sealed secret", e);
    }
    if (both.length < NONCE_BYTES) {
      throw new GeneralSecurityException("no sealed secret: too short");
    }
    byte[] nonce = Arrays.copyOf(both, NONCE_BYTES);
    return new String(
        cipher(Cipher.DECRYPT_MODE, nonce, purpose)
            .doFinal(both, NONCE_BYTES, both.length - NONCE_BYTES),
        StandardCharsets.UTF_8);
  }

  private Cipher cipher(int mode, byte[] nonce, String purpose) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
    cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
    return cipher;
  }
}
