package io.sandrift.server.login;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPairs;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/** An initiator that says exactly what a test tells it to, to a login phase. */
final class LoginConversation {

  static final LoginStage SECURITY = LoginStage.SECURITY_NEGOTIATION;
  static final LoginStage OPERATIONAL = LoginStage.LOGIN_OPERATIONAL_NEGOTIATION;
  static final LoginStage FULL = LoginStage.FULL_FEATURE_PHASE;

  static final String INITIATOR = "iqn.1994-05.com.example:host";
  static final String TARGET = "iqn.2026-11.io.sandrift:volume";
  static final String WHO = "InitiatorName=" + INITIATOR + "\n";
  static final String NORMAL = WHO + "SessionType=Normal\nTargetName=" + TARGET + "\n";
  static final String DISCOVERY = WHO + "SessionType=Discovery\n";

  static final Isid ISID = new Isid(0x00023d000001L);
  static final int CMD_SN = 17;

  private final LoginPhase phase;

  LoginConversation(TargetLookup lookup) {
    this(query -> lookup, LoginSettings.DEFAULT);
  }

  LoginConversation(LoginEnvironment environment, LoginSettings settings) {
    phase = new LoginPhase(environment, settings, new Random(1));
  }

  /** A target that asks for nothing. */
  static LoginConversation withOpenTarget() {
    return new LoginConversation(new TargetLookup.Found(1, "", Authentication.NOT_REQUIRED));
  }

  /** Asks for a transition. */
  LoginStep go(LoginStage from, LoginStage to, String lines) {
    return phase.receive(request(true, false, from, to, lines));
  }

  /** Stays in the stage. */
  LoginStep stay(LoginStage stage, String lines) {
    return phase.receive(request(false, false, stage, stage, lines));
  }

  /** Sends text that goes on in the next request. */
  LoginStep more(LoginStage stage, String lines) {
    return phase.receive(request(false, true, stage, stage, lines));
  }

  LoginStep send(LoginRequest request) {
    return phase.receive(request);
  }

  static LoginRequest request(
      boolean transit, boolean more, LoginStage current, LoginStage next, String lines) {
    return new LoginRequest(
        transit, more, current, next, 0, 0, ISID, 0, 5, 0, CMD_SN, 0, text(lines));
  }

  /** Lines in place of NULs, for tests that people read. */
  static ByteBuf text(String lines) {
    return Unpooled.copiedBuffer(lines.replace('\n', '\0'), StandardCharsets.UTF_8);
  }

  /** The text of a step's response, which is released. */
  static TextPairs said(LoginStep step) throws Exception {
    ByteBuf data = step.response().data();
    TextPairs pairs = TextPairs.parse(data, new TextLimits(1 << 20, 1000));
    data.release();
    return pairs;
  }
}
