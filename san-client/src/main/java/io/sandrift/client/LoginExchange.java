package io.sandrift.client;

import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.ChapAlgorithm;
import io.sandrift.iscsi.text.ChapChallenge;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.MalformedTextException;
import io.sandrift.iscsi.text.ParameterNegotiation;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.iscsi.text.SessionType;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextAssembly;
import io.sandrift.iscsi.text.TextKey;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import java.security.SecureRandom;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A login from the initiator's side (RFC 7143 clause 6.3). Pure: PDUs in, PDUs out.
 *
 * <pre>
 *   SECURITY ── AuthMethod=None ─────────────▶ OPERATIONAL ──▶ full feature phase
 *      └─ CHAP_A ──▶ CHAP_I, CHAP_C ──▶ CHAP_N, CHAP_R ──▲
 * </pre>
 */
final class LoginExchange {

  /** What to do after a response. */
  sealed interface Step {}

  /** Send the next request. */
  record Send(LoginRequest request) implements Step {}

  /** Log in there instead. */
  record Redirected(TargetAddress address, boolean permanently) implements Step {}

  /** The full feature phase has begun. */
  record Done(SessionParameters parameters, int tsih, int cmdSn, int expStatSn, int maxCmdSn)
      implements Step {}

  /**
   * The login failed.
   *
   * @param mayRetry whether another attempt could end differently
   */
  record Failed(String reason, boolean mayRetry) implements Step {}

  private static final int MAX_EXCHANGES = 32;
  private static final int FIRST_CMD_SN = 1;

  private final InitiatorOptions options;
  private final SessionType sessionType;
  private final @Nullable String targetName;
  private final Isid isid;
  private final ParameterNegotiation negotiation;
  private final TextAssembly received = new TextAssembly(TextLimits.DEFAULT);
  private final SecureRandom random = new SecureRandom();

  private LoginStage stage = LoginStage.SECURITY_NEGOTIATION;
  private int expStatSn;
  private int exchanges;
  private @Nullable ChapChallenge ours;
  private boolean isTargetProven;
  private boolean hasChosenChap;

  /**
   * @param targetName null for a discovery session
   */
  LoginExchange(InitiatorOptions options, @Nullable String targetName, Isid isid) {
    this.options = options;
    this.targetName = targetName;
    this.sessionType = targetName == null ? SessionType.DISCOVERY : SessionType.NORMAL;
    this.isid = isid;
    this.negotiation = new ParameterNegotiation(sessionType, options.parameters());
  }

  /** The request that begins it. */
  LoginRequest first() {
    TextPairs.Builder text = TextPairs.builder();
    text.add(TextKey.INITIATOR_NAME, options.initiatorName().value());
    text.add(TextKey.SESSION_TYPE, sessionType.wireName());
    if (targetName != null) {
      text.add(TextKey.TARGET_NAME, targetName);
    }
    if (options.chap() != null) {
      text.add(TextKey.AUTH_METHOD, options.targetChap() == null ? "CHAP,None" : "CHAP");
      return request(false, LoginStage.SECURITY_NEGOTIATION, text);
    }
    text.add(TextKey.AUTH_METHOD, "None");
    return request(true, LoginStage.LOGIN_OPERATIONAL_NEGOTIATION, text);
  }

  /** Takes a response; its data stay the caller's. */
  Step receive(LoginResponse response) {
    expStatSn = response.statSn() + 1;
    if (++exchanges > MAX_EXCHANGES) {
      return new Failed(
          "the target did not come to an end in " + MAX_EXCHANGES + " login exchanges", false);
    }
    try {
      received.add(response.data());
      if (response.status().isRedirection()) {
        return redirection(response.status(), received.completeRepeating());
      }
      if (response.status() != LoginStatus.SUCCESS) {
        return refused(response.status());
      }
      if (response.more()) {
        return new Send(request(false, stage, TextPairs.builder()));
      }
      return proceed(response, received.complete());
    } catch (MalformedTextException e) {
      return new Failed(
          "the target's login response can't be understood: " + e.getMessage(), false);
    }
  }

  private static Step redirection(LoginStatus status, TextPairs text)
      throws MalformedTextException {
    String address = text.get(TextKey.TARGET_ADDRESS);
    if (address == null) {
      return new Failed("the target moved, and doesn't say where to", true);
    }
    return new Redirected(
        TargetAddress.parse(address), status == LoginStatus.TARGET_MOVED_PERMANENTLY);
  }

  private Step refused(LoginStatus status) {
    return switch (status) {
      case AUTHENTICATION_FAILURE ->
          new Failed(
              options.chap() == null
                  ? "the target asks for CHAP; give a user name and a secret"
                  : "the target refuses the CHAP user name or secret",
              false);
      case AUTHORIZATION_FAILURE ->
          new Failed(
              "the target isn't open to " + options.initiatorName() + "; ask its administrator",
              false);
      case NOT_FOUND -> new Failed("there is no target " + targetName + " at this portal", false);
      case TARGET_REMOVED -> new Failed("the target " + targetName + " was removed", false);
      case SERVICE_UNAVAILABLE, OUT_OF_RESOURCES, TARGET_ERROR, TOO_MANY_CONNECTIONS ->
          new Failed("the target can't serve the login now (" + name(status) + ")", true);
      default -> new Failed("the target refuses the login (" + name(status) + ")", false);
    };
  }

  private static String name(LoginStatus status) {
    return "status 0x%04x, %s"
        .formatted(status.wireValue(), status.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  private Step proceed(LoginResponse response, TextPairs text) throws MalformedTextException {
    TextPairs.Builder reply = TextPairs.builder();
    for (TextPair pair : text) {
      TextKey key = TextKey.ofWireName(pair.key());
      if (key != null && ParameterNegotiation.handles(key)) {
        negotiation.receive(key, pair.value(), reply);
      }
    }
    if (stage == LoginStage.SECURITY_NEGOTIATION) {
      if (!response.transit()) {
        return authenticate(text, reply);
      }
      if (options.targetChap() != null && !isTargetProven(text)) {
        return new Failed("the target did not prove itself, as mutual CHAP demands", false);
      }
      if (response.nextStage() == LoginStage.LOGIN_OPERATIONAL_NEGOTIATION) {
        stage = LoginStage.LOGIN_OPERATIONAL_NEGOTIATION;
        negotiation.propose(reply);
        return new Send(request(true, LoginStage.FULL_FEATURE_PHASE, reply));
      }
    }
    if (!response.transit() || response.nextStage() != LoginStage.FULL_FEATURE_PHASE) {
      return new Send(request(true, LoginStage.FULL_FEATURE_PHASE, reply));
    }
    if (!negotiation.missingDigest().isEmpty()) {
      return new Failed("the target does not agree to " + negotiation.missingDigest(), false);
    }
    return new Done(
        negotiation.result(), response.tsih(), FIRST_CMD_SN, expStatSn, response.maxCmdSn());
  }

  /** One step of CHAP (RFC 7143 clause 12.1.3). */
  private Step authenticate(TextPairs text, TextPairs.Builder reply) throws MalformedTextException {
    ChapCredentials chap = options.chap();
    String method = text.get(TextKey.AUTH_METHOD);
    if (method != null && method.equals("None") && options.targetChap() == null) {
      return new Send(request(true, LoginStage.LOGIN_OPERATIONAL_NEGOTIATION, reply));
    }
    if (chap == null || (method != null && !method.equals("CHAP"))) {
      return new Failed("the target asks for CHAP; give a user name and a secret", false);
    }
    if (!hasChosenChap) {
      hasChosenChap = true;
      reply.add(TextKey.CHAP_A, ChapAlgorithm.offer());
      return new Send(request(false, stage, reply));
    }
    String chosen = text.get(TextKey.CHAP_A);
    String identifier = text.get(TextKey.CHAP_I);
    String challenge = text.get(TextKey.CHAP_C);
    ChapAlgorithm algorithm = chosen == null ? null : ChapAlgorithm.firstKnown(chosen);
    if (algorithm == null || identifier == null || challenge == null) {
      return new Failed("the target's CHAP challenge is incomplete", false);
    }
    ChapChallenge.parse(algorithm, identifier, challenge).answer(chap, reply);
    if (options.targetChap() != null) {
      ours = ChapChallenge.random(algorithm, random);
      ours.addTo(reply);
    }
    return new Send(request(true, LoginStage.LOGIN_OPERATIONAL_NEGOTIATION, reply));
  }

  private boolean isTargetProven(TextPairs text) throws MalformedTextException {
    String name = text.get(TextKey.CHAP_N);
    String response = text.get(TextKey.CHAP_R);
    ChapCredentials expected = options.targetChap();
    if (!isTargetProven && ours != null && expected != null && name != null && response != null) {
      isTargetProven = ours.isAnswered(expected, name, response);
    }
    return isTargetProven;
  }

  private LoginRequest request(boolean transit, LoginStage next, TextPairs.Builder text) {
    return new LoginRequest(
        transit,
        false,
        stage,
        transit ? next : stage,
        LoginResponse.VERSION,
        LoginResponse.VERSION,
        isid,
        0,
        0,
        0,
        FIRST_CMD_SN,
        expStatSn,
        Unpooled.wrappedBuffer(text.build().toBytes()));
  }
}
