package io.sandrift.server.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How two servers make sure of each other before anything else is said: each proves with an
 * HMAC-SHA-256 over both nonces and both names that it knows the cluster's secret. The lane isn't
 * covered: it decides nothing but which thread serves. Pure.
 *
 * <pre>
 *   connecting                                accepting
 *     HELLO   version, id, nonce, lane  ──▶
 *                                       ◀──   WELCOME  version, id, nonce, proof
 *     PROOF   proof                     ──▶
 *                                       ◀──   READY
 * </pre>
 */
final class Handshake {

  static final int NONCE_BYTES = 16;

  /** The most data of a frame before the end of it. */
  static final int MAX_BYTES = 4096;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final byte[] secret;

  /**
   * @param secret at least 16 bytes
   */
  Handshake(byte[] secret) {
    if (secret.length < 16) {
      throw new IllegalArgumentException(
          "the cluster's secret has " + secret.length + " bytes, expected 16 or more");
    }
    this.secret = secret.clone();
  }

  /**
   * What one side says of itself.
   *
   * @param lane of {@link Lanes}, where the connection's requests come from; empty for none, and in
   *     a WELCOME
   * @param proof empty in a HELLO
   */
  record Greeting(int version, ServerId server, byte[] nonce, String lane, byte[] proof) {

    byte[] encode() {
      ObjectNode node =
          JSON.createObjectNode()
              .put("version", version)
              .put("server", server.value())
              .put("nonce", HexFormat.of().formatHex(nonce))
              .put("proof", HexFormat.of().formatHex(proof));
      if (!lane.isEmpty()) {
        node.put("lane", lane);
      }
      return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * @throws MalformedFrameException if it is none
     */
    static Greeting decode(byte[] bytes) {
      try {
        JsonNode node = JSON.readTree(bytes);
        Greeting greeting =
            new Greeting(
                node.required("version").asInt(),
                new ServerId(node.required("server").asText()),
                HexFormat.of().parseHex(node.required("nonce").asText()),
                node.path("lane").asText(),
                HexFormat.of().parseHex(node.required("proof").asText()));
        if (greeting.nonce.length != NONCE_BYTES) {
          throw new MalformedFrameException("a nonce has " + greeting.nonce.length + " bytes");
        }
        return greeting;
      } catch (IOException | IllegalArgumentException e) {
        throw new MalformedFrameException("a greeting can't be read: " + e.getMessage());
      }
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Greeting that
          && version == that.version
          && server.equals(that.server)
          && Arrays.equals(nonce, that.nonce)
          && lane.equals(that.lane)
          && Arrays.equals(proof, that.proof);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(nonce);
    }

    @Override
    public String toString() {
      return "greeting of " + server + ", version " + version;
    }
  }

  /** The connecting side's proof. */
  byte[] proofOfConnecting(Greeting hello, Greeting welcome) {
    return proof("connecting", hello, welcome);
  }

  /** The accepting side's proof. */
  byte[] proofOfAccepting(Greeting hello, Greeting welcome) {
    return proof("accepting", hello, welcome);
  }

  static boolean matches(byte[] expected, byte[] given) {
    return MessageDigest.isEqual(expected, given);
  }

  private byte[] proof(String side, Greeting hello, Greeting welcome) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      for (Greeting greeting : new Greeting[] {hello, welcome}) {
        mac.update(
            (greeting.version + " " + greeting.server + " ").getBytes(StandardCharsets.UTF_8));
        mac.update(greeting.nonce);
      }
      return mac.doFinal(side.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }
}
