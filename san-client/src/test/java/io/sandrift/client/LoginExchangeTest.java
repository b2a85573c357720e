package io.sandrift.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.ChapAlgorithm;
import io.sandrift.iscsi.text.ChapChallenge;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.iscsi.text.ParameterProposal;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPairs;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class LoginExchangeTest {

  private static final String TARGET = "iqn.2026-11.io.sandrift:demo";
  private static final ChapCredentials ALICE =
      new ChapCredentials("alice", ChapSecret.of("a-secret-of-alice"));
  private static final ChapCredentials DISK =
      new ChapCredentials("disk", ChapSecret.of("a-secret-of-disk"));

  private final LoginExchange plain =
      new LoginExchange(InitiatorOptions.DEFAULT, TARGET, new Isid(1));

  @Test
  void aLoginWithoutAuthenticationTakesTwoExchanges() {
    LoginRequest first = plain.first();
    assertThat(first.transit()).isTrue();
    assertThat(text(first).get("TargetName")).isEqualTo(TARGET);
    LoginRequest second =
        next(plain, response(0, 1, true, "AuthMethod=None\nTargetPortalGroupTag=1\n"));
    assertThat(second.currentStage()).isEqualTo(LoginStage.LOGIN_OPERATIONAL_NEGOTIATION);
    assertThat(text(second).get("MaxBurstLength")).isEqualTo("1048576");
    LoginExchange.Step end =
        plain.receive(
            response(
                1,
                3,
                true,
                "MaxRecvDataSegmentLength=65536\nMaxBurstLength=262144\nInitialR2T=Yes\n"));
    assertThat(end).isInstanceOf(LoginExchange.Done.class);
    LoginExchange.Done done = (LoginExchange.Done) end;
    assertThat(done.parameters().peerMaxRecvDataSegmentLength()).isEqualTo(65536);
    assertThat(done.parameters().maxBurstLength()).isEqualTo(262144);
    assertThat(done.parameters().initialR2T()).isTrue();
  }

  @Test
  @Tag("I11")
  void aRedirectionNamesItsAddress() {
    plain.first();
    LoginExchange.Step step = plain.receive(redirection("10.0.0.7:3261"));
    assertThat(step)
        .isEqualTo(new LoginExchange.Redirected(new TargetAddress("10.0.0.7", 3261), false));
  }

  @Test
  @Tag("I11")
  void aRedirectionToNowhereFails() {
    plain.first();
    assertThat(plain.receive(refusal(LoginStatus.TARGET_MOVED_TEMPORARILY)))
        .isInstanceOf(LoginExchange.Failed.class);
  }

  @Test
  void aRefusalSaysWhatToDoAndWhetherToTryAgain() {
    plain.first();
    assertThat(plain.receive(refusal(LoginStatus.AUTHENTICATION_FAILURE)))
        .isEqualTo(
            new LoginExchange.Failed(
                "the target asks for CHAP; give a user name and a secret", false));
    LoginExchange busy = new LoginExchange(InitiatorOptions.DEFAULT, TARGET, new Isid(1));
    busy.first();
    assertThat(
            ((LoginExchange.Failed) busy.receive(refusal(LoginStatus.SERVICE_UNAVAILABLE)))
                .mayRetry())
        .isTrue();
  }

  @Test
  void aChapResponseProvesTheSecret() throws Exception {
    LoginExchange login =
        new LoginExchange(InitiatorOptions.DEFAULT.withChap(ALICE, null), TARGET, new Isid(1));
    assertThat(login.first().transit()).isFalse();
    next(login, response(0, 0, false, "AuthMethod=CHAP\n"));
    ChapChallenge challenge = ChapChallenge.random(ChapAlgorithm.SHA_256, new Random(1));
    TextPairs answer = text(next(login, challengeResponse(ChapAlgorithm.SHA_256, challenge)));
    assertThat(challenge.isAnswered(ALICE, answer.get("CHAP_N"), answer.get("CHAP_R"))).isTrue();
  }

  @Test
  void aTargetThatCannotProveItselfIsLeft() {
    LoginExchange login =
        new LoginExchange(InitiatorOptions.DEFAULT.withChap(ALICE, DISK), TARGET, new Isid(1));
    login.first();
    next(login, response(0, 0, false, "AuthMethod=CHAP\n"));
    ChapChallenge challenge = ChapChallenge.random(ChapAlgorithm.MD5, new Random(1));
    next(login, challengeResponse(ChapAlgorithm.MD5, challenge));
    assertThat(
            login.receive(
                response(0, 1, true, "CHAP_N=disk\nCHAP_R=0x00112233445566778899aabbccddeeff\n")))
        .isInstanceOf(LoginExchange.Failed.class);
  }

  @Test
  void oneSecretForBothWaysIsRefused() {
    ChapCredentials same = new ChapCredentials("disk", ChapSecret.of("a-secret-of-alice"));
    assertThatThrownBy(() -> InitiatorOptions.DEFAULT.withChap(ALICE, same))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the same");
  }

  @Test
  void aTextThatIsContinuedIsWaitedFor() {
    plain.first();
    LoginResponse part = response(0, 0, false, "AuthMethod=No");
    LoginResponse continued =
        new LoginResponse(
            false,
            true,
            part.currentStage(),
            part.nextStage(),
            part.isid(),
            0,
            0,
            0,
            1,
            1,
            LoginStatus.SUCCESS,
            Unpooled.wrappedBuffer("AuthMethod=No".getBytes(StandardCharsets.US_ASCII)));
    assertThat(text(next(plain, continued)).isEmpty()).isTrue();
    LoginRequest second = next(plain, response(0, 1, true, "ne\n"));
    assertThat(second.currentStage()).isEqualTo(LoginStage.LOGIN_OPERATIONAL_NEGOTIATION);
  }

  @Test
  void aDigestThatIsInsistedOnAndNotGrantedFails() {
    InitiatorOptions strict =
        InitiatorOptions.DEFAULT.withParameters(
            ParameterProposal.DEFAULT.withDigests(
                ParameterProposal.REQUIRE_DIGEST, ParameterProposal.REQUIRE_DIGEST));
    LoginExchange login = new LoginExchange(strict, TARGET, new Isid(1));
    login.first();
    next(login, response(0, 1, true, "AuthMethod=None\n"));
    assertThat(login.receive(response(1, 3, true, "HeaderDigest=Reject\nDataDigest=Reject\n")))
        .isInstanceOf(LoginExchange.Failed.class);
  }

  @Test
  void aTargetThatNeverComesToAnEndIsLeft() {
    plain.first();
    LoginExchange.Step step = null;
    for (int i = 0; i < 40; i++) {
      step = plain.receive(response(0, 0, false, ""));
      if (step instanceof LoginExchange.Failed) {
        break;
      }
    }
    assertThat(step).isInstanceOf(LoginExchange.Failed.class);
  }

  private static LoginRequest next(LoginExchange login, LoginResponse response) {
    LoginExchange.Step step = login.receive(response);
    assertThat(step).isInstanceOf(LoginExchange.Send.class);
    return ((LoginExchange.Send) step).request();
  }

  private static LoginResponse challengeResponse(ChapAlgorithm algorithm, ChapChallenge challenge) {
    TextPairs.Builder text =
        TextPairs.builder().add("CHAP_A", Integer.toString(algorithm.wireValue()));
    challenge.addTo(text);
    return response(
        0,
        0,
        false,
        new String(text.build().toBytes(), StandardCharsets.US_ASCII).replace('\0', '\n'));
  }

  private static LoginResponse response(int current, int next, boolean transit, String text) {
    return new LoginResponse(
        transit,
        false,
        LoginStage.ofWireValue(current),
        LoginStage.ofWireValue(transit ? next : current),
        new Isid(1),
        1,
        0,
        0,
        1,
        32,
        LoginStatus.SUCCESS,
        bytes(text));
  }

  private static LoginResponse redirection(String address) {
    return failed(LoginStatus.TARGET_MOVED_TEMPORARILY, "TargetAddress=" + address + "\n");
  }

  private static LoginResponse refusal(LoginStatus status) {
    return failed(status, "");
  }

  private static LoginResponse failed(LoginStatus status, String text) {
    LoginStage stage = LoginStage.SECURITY_NEGOTIATION;
    return new LoginResponse(
        false, false, stage, stage, new Isid(1), 0, 0, 0, 1, 1, status, bytes(text));
  }

  private static ByteBuf bytes(String lines) {
    return Unpooled.wrappedBuffer(lines.replace('\n', '\0').getBytes(StandardCharsets.US_ASCII));
  }

  private static TextPairs text(LoginRequest request) {
    try {
      return TextPairs.parse(request.data(), TextLimits.DEFAULT);
    } catch (io.sandrift.iscsi.text.MalformedTextException e) {
      throw new AssertionError(e);
    }
  }
}
