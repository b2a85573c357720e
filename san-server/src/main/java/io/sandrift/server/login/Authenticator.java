package io.sandrift.server.login;

import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.ChapAlgorithm;
import io.sandrift.iscsi.text.ChapChallenge;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.TextKey;
import io.sandrift.iscsi.text.TextPairs;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The security negotiation of one login (RFC 7143 chapter 12).
 *
 * <pre>
 *             AuthMethod=None
 *   OPEN ──────────────────────────────────────────────▶ DONE
 *    │ AuthMethod=CHAP           CHAP_A            CHAP_N, CHAP_R ▲
 *    └────────────────▶ CHOSEN ─────────▶ CHALLENGED ────────────┘
 * </pre>
 *
 * <p>Anything else is a refusal. Owned by its login phase.
 */
final class Authenticator {

  private enum Progress {
    OPEN,
    CHOSEN,
    CHALLENGED,
    DONE
  }

  private static final String NONE = "None";
  private static final String CHAP = "CHAP";

  private final Authentication required;
  private final RandomGenerator random;
  private Progress progress = Progress.OPEN;

  /** What was asked; set from CHALLENGED on. */
  private @Nullable ChapChallenge challenge;

  /** What CHAP computes with; set from CHALLENGED on. */
  private @Nullable ChapAlgorithm algorithm;

  Authenticator(Authentication required, RandomGenerator random) {
    this.required = required;
    this.random = random;
  }

  /** Whether the initiator has proven what it has to. */
  boolean isSatisfied() {
    return progress == Progress.DONE
        || (progress == Progress.OPEN && required instanceof Authentication.NotRequired);
  }

  /** Whether the initiator has chosen a method, and an exchange is under way. */
  boolean isUnderWay() {
    return progress == Progress.CHOSEN || progress == Progress.CHALLENGED;
  }

  /**
   * Takes the security keys of a text.
   *
   * @param reply where the answers are added
   * @return why the login fails, or null when it goes on
   * @throws MalformedTextException when a value is not what its key takes
   */
  @Nullable Refusal receive(TextPairs text, TextPairs.Builder reply) throws MalformedTextException {
    String methods = text.get(TextKey.AUTH_METHOD);
    if (methods != null) {
      Refusal refusal = chooseMethod(Arrays.asList(methods.split(",", -1)), reply);
      if (refusal != null) {
        return refusal;
      }
    }
    String algorithms = text.get(TextKey.CHAP_A);
    if (algorithms != null) {
      Refusal refusal = challenge(algorithms, reply);
      if (refusal != null) {
        return refusal;
      }
    }
    String name = text.get(TextKey.CHAP_N);
    String response = text.get(TextKey.CHAP_R);
    String identifier = text.get(TextKey.CHAP_I);
    String counterChallenge = text.get(TextKey.CHAP_C);
    if (name == null && response == null && identifier == null && counterChallenge == null) {
      return null;
    }
    if (name == null || response == null || (identifier == null) != (counterChallenge == null)) {
      return new Refusal(
          LoginStatus.MISSING_PARAMETER,
          "an answer to a CHAP challenge has CHAP_N and CHAP_R, and CHAP_I and CHAP_C or neither");
    }
    return verify(name, response, identifier, counterChallenge, reply);
  }

  private @Nullable Refusal chooseMethod(List<String> offered, TextPairs.Builder reply) {
    if (progress != Progress.OPEN) {
      return outOfTurn("AuthMethod");
    }
    String wanted = required instanceof Authentication.Chap ? CHAP : NONE;
    if (!offered.contains(wanted)) {
      return failure(
          "the initiator offers the authentication methods %s, this target takes %s only; change either"
              .formatted(offered, wanted));
    }
    reply.add(TextKey.AUTH_METHOD, wanted);
    progress = wanted.equals(CHAP) ? Progress.CHOSEN : Progress.DONE;
    return null;
  }

  private @Nullable Refusal challenge(String algorithms, TextPairs.Builder reply) {
    if (progress != Progress.CHOSEN) {
      return outOfTurn("CHAP_A");
    }
    ChapAlgorithm known = ChapAlgorithm.firstKnown(algorithms);
    if (known == null) {
      return failure(
          "the initiator offers the CHAP algorithms %s, this target knows %s"
              .formatted(algorithms, ChapAlgorithm.offer()));
    }
    algorithm = known;
    challenge = ChapChallenge.random(known, random);
    reply.add(TextKey.CHAP_A, known.wireValue());
    challenge.addTo(reply);
    progress = Progress.CHALLENGED;
    return null;
  }

  private @Nullable Refusal verify(
      String name,
      String response,
      @Nullable String identifier,
      @Nullable String counterChallenge,
      TextPairs.Builder reply)
      throws MalformedTextException {
    if (progress != Progress.CHALLENGED) {
      return outOfTurn("CHAP_R");
    }
    Authentication.Chap chap = (Authentication.Chap) required;
    ChapChallenge asked = Objects.requireNonNull(challenge);
    if (!asked.isAnswered(chap.named(name), name, response)) {
      return failure("the CHAP name or secret is wrong");
    }
    if (identifier != null && counterChallenge != null) {
      ChapChallenge theirs =
          ChapChallenge.parse(Objects.requireNonNull(algorithm), identifier, counterChallenge);
      ChapCredentials ours = chap.target();
      if (ours == null) {
        return failure("the initiator wants this target to prove itself, but it has no secret");
      }
      if (asked.isReflectedBy(theirs)) {
        return failure("the initiator sent this target's own CHAP challenge back");
      }
      theirs.answer(ours, reply);
    }
    progress = Progress.DONE;
    return null;
  }

  private Refusal outOfTurn(String key) {
    return new Refusal(
        LoginStatus.INITIATOR_ERROR, key + " comes out of turn: authentication is " + progress);
  }

  private static Refusal failure(String reason) {
    return new Refusal(LoginStatus.AUTHENTICATION_FAILURE, reason);
  }
}
