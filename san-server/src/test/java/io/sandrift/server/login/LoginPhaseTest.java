package io.sandrift.server.login;

import static io.sandrift.server.login.LoginConversation.CMD_SN;
import static io.sandrift.server.login.LoginConversation.DISCOVERY;
import static io.sandrift.server.login.LoginConversation.FULL;
import static io.sandrift.server.login.LoginConversation.INITIATOR;
import static io.sandrift.server.login.LoginConversation.ISID;
import static io.sandrift.server.login.LoginConversation.NORMAL;
import static io.sandrift.server.login.LoginConversation.OPERATIONAL;
import static io.sandrift.server.login.LoginConversation.SECURITY;
import static io.sandrift.server.login.LoginConversation.TARGET;
import static io.sandrift.server.login.LoginConversation.WHO;
import static io.sandrift.server.login.LoginConversation.request;
import static io.sandrift.server.login.LoginConversation.said;
import static io.sandrift.server.login.LoginConversation.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.ParameterProposal;
import io.sandrift.iscsi.text.SessionParameters;
import io.sandrift.iscsi.text.SessionType;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ObjectAssert;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoginPhaseTest {

  private final LoginConversation target = LoginConversation.withOpenTarget();

  private static ObjectAssert<LoginStep.Failed> assertFailed(LoginStep step, LoginStatus status) {
    assertThat(step.response().status()).isEqualTo(status);
    return assertThat(step).asInstanceOf(InstanceOfAssertFactories.type(LoginStep.Failed.class));
  }

  private static LoginOutcome completed(LoginStep step) {
    assertThat(step).isInstanceOf(LoginStep.Completed.class);
    step.response().release();
    return ((LoginStep.Completed) step).outcome();
  }

  private static LoginConversation with(LoginSettings settings) {
    return new LoginConversation(
        query -> new TargetLookup.Found(1, "", Authentication.NOT_REQUIRED), settings);
  }

  @Test
  void aLoginCanBeOverInOneExchange() {
    LoginOutcome outcome = completed(target.go(OPERATIONAL, FULL, NORMAL));
    assertThat(outcome.sessionType()).isEqualTo(SessionType.NORMAL);
    assertThat(outcome.initiatorName().value()).isEqualTo(INITIATOR);
    assertThat(outcome.isid()).isEqualTo(ISID);
    assertThat(outcome.expCmdSn()).isEqualTo(CMD_SN);
    assertThat(outcome.nextStatSn()).isEqualTo(1);
  }

  @Test
  void theSecurityStageMayBeTheOnlyOne() throws Exception {
    LoginStep step = target.go(SECURITY, FULL, NORMAL + "AuthMethod=None\n");
    assertThat(step).isInstanceOf(LoginStep.Completed.class);
    assertThat(said(step))
        .containsExactly(
            new TextPair("TargetPortalGroupTag", "1"),
            new TextPair("AuthMethod", "None"),
            new TextPair("MaxRecvDataSegmentLength", "262144"));
  }

  @Test
  void bothStagesLeadToASession() throws Exception {
    LoginStep first = target.go(SECURITY, OPERATIONAL, NORMAL + "AuthMethod=CHAP,None\n");
    assertThat(first.response().transit()).isTrue();
    assertThat(first.response().nextStage()).isEqualTo(OPERATIONAL);
    assertThat(said(first).get("AuthMethod")).isEqualTo("None");
    LoginOutcome outcome =
        completed(
            target.go(
                OPERATIONAL, FULL, "HeaderDigest=CRC32C,None\nMaxRecvDataSegmentLength=65536\n"));
    assertThat(outcome.parameters().headerDigest()).isTrue();
    assertThat(outcome.parameters().peerMaxRecvDataSegmentLength()).isEqualTo(65536);
    assertThat(outcome.nextStatSn()).isEqualTo(2);
  }

  @Test
  void theInitiatorMayTakeItsTime() throws Exception {
    assertThat(target.stay(SECURITY, NORMAL).response().transit()).isFalse();
    assertThat(target.stay(SECURITY, "AuthMethod=None\n").response().transit()).isFalse();
    assertThat(target.go(SECURITY, OPERATIONAL, "").response().transit()).isTrue();
    assertThat(target.stay(OPERATIONAL, "InitialR2T=No\n").response().transit()).isFalse();
    assertThat(completed(target.go(OPERATIONAL, FULL, "")).parameters().initialR2T()).isFalse();
  }

  @Test
  void theFirstResponseNamesThePortalGroup() throws Exception {
    LoginConversation other =
        new LoginConversation(new TargetLookup.Found(7, "volume", Authentication.NOT_REQUIRED));
    assertThat(said(other.stay(SECURITY, NORMAL)))
        .containsExactly(
            new TextPair("TargetPortalGroupTag", "7"), new TextPair("TargetAlias", "volume"));
  }

  @Test
  void thePortalGroupIsPartOfTheParameters() {
    SessionParameters parameters = completed(target.go(OPERATIONAL, FULL, NORMAL)).parameters();
    assertThat(parameters.targetPortalGroupTag()).isEqualTo(1);
  }

  @Test
  void onlyOfferedKeysAreAnswered() throws Exception {
    assertThat(said(target.go(OPERATIONAL, FULL, NORMAL + "MaxBurstLength=65536\n")))
        .containsExactly(
            new TextPair("TargetPortalGroupTag", "1"),
            new TextPair("MaxBurstLength", "65536"),
            new TextPair("MaxRecvDataSegmentLength", "262144"));
  }

  @Test
  void aDiscoverySessionNamesNoTarget() throws Exception {
    LoginStep step = target.go(OPERATIONAL, FULL, DISCOVERY + "InitialR2T=No\n");
    assertThat(said(step).get("InitialR2T")).isEqualTo("Irrelevant");
    LoginOutcome outcome = ((LoginStep.Completed) step).outcome();
    assertThat(outcome.sessionType()).isEqualTo(SessionType.DISCOVERY);
    assertThat(outcome.targetName()).isNull();
  }

  @Test
  void namesAreComparedInLowerCase() {
    LoginOutcome outcome =
        completed(
            target.go(OPERATIONAL, FULL, NORMAL.replace(TARGET, "IQN.2026-11.io.Sandrift:Volume")));
    assertThat(outcome.targetName().value()).isEqualTo(TARGET);
  }

  @Test
  void aSessionIsNormalUnlessItSaysOtherwise() {
    LoginOutcome outcome = completed(target.go(OPERATIONAL, FULL, WHO + "TargetName=" + TARGET));
    assertThat(outcome.sessionType()).isEqualTo(SessionType.NORMAL);
  }

  @Test
  void anUnknownKeyIsNotUnderstood() throws Exception {
    LoginStep step = target.go(OPERATIONAL, FULL, NORMAL + "X-com.example.speed=fast\n");
    assertThat(said(step).get("X-com.example.speed")).isEqualTo("NotUnderstood");
  }

  @Test
  void repeatingWhoOneIsIsForgiven() {
    target.go(SECURITY, OPERATIONAL, NORMAL).response().release();
    assertThat(completed(target.go(OPERATIONAL, FULL, NORMAL))).isNotNull();
  }

  @Test
  void aLoginWithoutAnInitiatorNameIsRefused() {
    assertFailed(
            target.go(OPERATIONAL, FULL, "TargetName=" + TARGET + "\n"),
            LoginStatus.MISSING_PARAMETER)
        .extracting(LoginStep.Failed::reason)
        .isEqualTo("InitiatorName is missing from the first login request");
  }

  @Test
  void aNormalLoginWithoutATargetNameIsRefused() {
    assertFailed(target.go(OPERATIONAL, FULL, WHO), LoginStatus.MISSING_PARAMETER);
  }

  @Test
  void anInvalidInitiatorNameIsRefused() {
    assertFailed(
        target.go(OPERATIONAL, FULL, "InitiatorName=me\nTargetName=" + TARGET + "\n"),
        LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aTargetNameThatNothingCanHaveIsNotFound() {
    assertFailed(target.go(OPERATIONAL, FULL, WHO + "TargetName=disk\n"), LoginStatus.NOT_FOUND);
  }

  @Test
  void anUnknownTargetIsNotFound() {
    LoginConversation empty = new LoginConversation(TargetLookup.notFound());
    assertFailed(empty.go(OPERATIONAL, FULL, NORMAL), LoginStatus.NOT_FOUND);
  }

  @Test
  void aTargetOfOthersIsForbidden() {
    LoginConversation closed = new LoginConversation(TargetLookup.forbidden());
    assertFailed(closed.go(OPERATIONAL, FULL, NORMAL), LoginStatus.AUTHORIZATION_FAILURE);
  }

  @Test
  void aTargetThatCantBeServedNowIsUnavailable() {
    LoginConversation down = new LoginConversation(TargetLookup.unavailable("starting"));
    assertFailed(down.go(OPERATIONAL, FULL, NORMAL), LoginStatus.SERVICE_UNAVAILABLE);
  }

  @Test
  @Tag("S7")
  void aLoginIsRedirectedForNow() throws Exception {
    LoginConversation slave =
        new LoginConversation(
            new TargetLookup.Moved(new TargetAddress("2001:db8::7", 3261), false));
    LoginStep step = slave.go(SECURITY, OPERATIONAL, NORMAL + "AuthMethod=None\n");
    assertThat(step).isInstanceOf(LoginStep.Redirected.class);
    assertThat(step.response().status()).isEqualTo(LoginStatus.TARGET_MOVED_TEMPORARILY);
    assertThat(said(step)).containsExactly(new TextPair("TargetAddress", "[2001:db8::7]:3261"));
  }

  @Test
  @Tag("S7")
  void aLoginIsRedirectedForGood() {
    LoginConversation slave =
        new LoginConversation(new TargetLookup.Moved(new TargetAddress("10.0.0.7", 3260), true));
    assertThat(slave.go(OPERATIONAL, FULL, NORMAL).response().status())
        .isEqualTo(LoginStatus.TARGET_MOVED_PERMANENTLY);
  }

  @Test
  void aFailureHasAStatSnOfZero() {
    target.stay(SECURITY, NORMAL).response().release();
    assertThat(target.stay(OPERATIONAL, "").response().statSn()).isZero();
  }

  @Test
  void aLaterVersionOfTheProtocolIsRefused() {
    LoginRequest request =
        new LoginRequest(
            true, false, OPERATIONAL, FULL, 2, 1, ISID, 0, 5, 0, CMD_SN, 0, text(NORMAL));
    assertFailed(target.send(request), LoginStatus.UNSUPPORTED_VERSION);
  }

  @Test
  void aVersionRangeThatBeginsWithOursIsTaken() {
    LoginRequest request =
        new LoginRequest(
            true, false, OPERATIONAL, FULL, 2, 0, ISID, 0, 5, 0, CMD_SN, 0, text(NORMAL));
    completed(target.send(request));
  }

  @Test
  void aTransitionBackwardsIsRefused() {
    assertFailed(target.go(OPERATIONAL, SECURITY, NORMAL), LoginStatus.INITIATOR_ERROR);
  }

  @ParameterizedTest
  @EnumSource(LoginStage.class)
  void aTransitionToTheSameStageIsRefused(LoginStage stage) {
    assertFailed(target.go(stage, stage, NORMAL), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aLoginRequestOfTheFullFeaturePhaseIsRefused() {
    assertFailed(target.stay(FULL, NORMAL), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aStageThatWasNotAskedForIsRefused() {
    target.stay(SECURITY, NORMAL).response().release();
    assertFailed(target.stay(OPERATIONAL, ""), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aStageThatWasLeftIsRefused() {
    target.go(SECURITY, OPERATIONAL, NORMAL).response().release();
    assertFailed(target.stay(SECURITY, ""), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void anInitiatorThatBecomesAnotherIsRefused() {
    target.stay(SECURITY, NORMAL).response().release();
    assertFailed(
        target.stay(SECURITY, "InitiatorName=iqn.1994-05.com.example:other\n"),
        LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void anIsidThatChangesIsRefused() {
    target.stay(SECURITY, NORMAL).response().release();
    LoginRequest other =
        new LoginRequest(
            false, false, SECURITY, SECURITY, 0, 0, new Isid(9), 0, 5, 0, CMD_SN, 0, text(""));
    assertFailed(target.send(other), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void operationalKeysThatComeEarlyAreAnswered() throws Exception {
    LoginStep step = target.stay(SECURITY, NORMAL + "InitialR2T=Yes\n");
    assertThat(said(step).get("InitialR2T")).isEqualTo("Yes");
  }

  @Test
  void securityKeysThatComeLateAreRefused() {
    target.go(SECURITY, OPERATIONAL, NORMAL).response().release();
    assertFailed(target.stay(OPERATIONAL, "AuthMethod=CHAP\n"), LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void anInitiatorThatWantsNoAuthenticationMaySayItLate() throws Exception {
    target.go(SECURITY, OPERATIONAL, NORMAL).response().release();
    LoginStep step = target.stay(OPERATIONAL, "AuthMethod=None\n");
    assertThat(said(step).get("AuthMethod")).isEqualTo("None");
  }

  @Test
  void aKeyNegotiatedTwiceIsRefused() {
    target.stay(OPERATIONAL, NORMAL + "InitialR2T=Yes\n").response().release();
    assertFailed(target.stay(OPERATIONAL, "InitialR2T=No\n"), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aKeyThatOnlyTargetsSendIsRefused() {
    assertFailed(
        target.stay(OPERATIONAL, NORMAL + "TargetPortalGroupTag=1\n"), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void sendTargetsIsRefusedDuringLogin() {
    assertFailed(
        target.stay(OPERATIONAL, DISCOVERY + "SendTargets=All\n"), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void textMayBeCutAnywhere() {
    int cut = NORMAL.length() / 2;
    LoginStep step = target.more(OPERATIONAL, NORMAL.substring(0, cut));
    assertThat(step.response().data().isReadable()).isFalse();
    assertThat(step.response().transit()).isFalse();
    assertThat(completed(target.go(OPERATIONAL, FULL, NORMAL.substring(cut))).targetName().value())
        .isEqualTo(TARGET);
  }

  @Test
  void transitAndContinueExcludeEachOther() {
    assertFailed(
        target.send(request(true, true, OPERATIONAL, FULL, NORMAL)), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void tooMuchTextIsRefused() {
    LoginConversation small =
        with(new LoginSettings(ParameterProposal.DEFAULT, new TextLimits(200, 10), 32));
    small.more(OPERATIONAL, "X".repeat(120)).response().release();
    assertFailed(small.more(OPERATIONAL, "X".repeat(81)), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void tooManyRequestsAreRefused() {
    LoginConversation brief =
        with(new LoginSettings(ParameterProposal.DEFAULT, TextLimits.DEFAULT, 3));
    brief.stay(SECURITY, NORMAL).response().release();
    brief.stay(SECURITY, "").response().release();
    assertThat(brief.stay(SECURITY, "")).isInstanceOf(LoginStep.Continue.class);
    assertFailed(brief.stay(SECURITY, ""), LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aLongAnswerIsCutToWhatTheInitiatorTakes() throws Exception {
    StringBuilder unknown = new StringBuilder();
    for (int i = 0; i < 60; i++) {
      unknown.append("X-com.example.key").append(i).append("=1\n");
    }
    LoginStep step =
        target.go(OPERATIONAL, FULL, NORMAL + "MaxRecvDataSegmentLength=512\n" + unknown);
    ByteBuf whole = Unpooled.buffer();
    while (step.response().more()) {
      assertThat(step.response().data().readableBytes()).isEqualTo(512);
      assertThat(step.response().transit()).isFalse();
      whole.writeBytes(step.response().data());
      step.response().release();
      step = target.go(OPERATIONAL, FULL, "");
    }
    whole.writeBytes(step.response().data());
    assertThat(TextPairs.parse(whole, TextLimits.DEFAULT)).hasSize(62);
    completed(step);
  }

  @Test
  void newTextInTheMiddleOfALongAnswerIsRefused() {
    target
        .stay(
            OPERATIONAL,
            NORMAL + "MaxRecvDataSegmentLength=512\n" + "X-%s=1\n".repeat(60).formatted(numbers()))
        .response()
        .release();
    assertFailed(target.stay(OPERATIONAL, "InitialR2T=Yes\n"), LoginStatus.INITIATOR_ERROR);
  }

  private static Object[] numbers() {
    Object[] numbers = new Object[60];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = i;
    }
    return numbers;
  }

  @Test
  void anInitiatorCannotWriteLinesIntoTheLog() {
    LoginRequest request =
        new LoginRequest(
            false,
            false,
            SECURITY,
            SECURITY,
            0,
            0,
            ISID,
            0,
            5,
            0,
            CMD_SN,
            0,
            Unpooled.copiedBuffer(
                NORMAL.replace('\n', '\0') + "AuthMethod=KRB5\r\nERROR all is lost\0", UTF_8));
    assertFailed(target.send(request), LoginStatus.AUTHENTICATION_FAILURE)
        .extracting(LoginStep.Failed::reason)
        .asString()
        .contains("KRB5??ERROR")
        .doesNotContain("\n");
  }

  @Test
  void aSessionWithoutARequiredDigestIsRefused() {
    ParameterProposal strict =
        ParameterProposal.DEFAULT.withDigests(
            ParameterProposal.REQUIRE_DIGEST, ParameterProposal.PREFER_NO_DIGEST);
    assertFailed(
            with(new LoginSettings(strict, TextLimits.DEFAULT, 32)).go(OPERATIONAL, FULL, NORMAL),
            LoginStatus.INITIATOR_ERROR)
        .extracting(LoginStep.Failed::reason)
        .asString()
        .contains("HeaderDigest=CRC32C");
  }

  @Test
  void theSessionGivesTheLastResponseItsTsih() {
    LoginStep.Completed step = (LoginStep.Completed) target.go(OPERATIONAL, FULL, NORMAL);
    LoginResponse response = step.withSession(0xfedc, CMD_SN + 127).response();
    assertThat(response.tsih()).isEqualTo(0xfedc);
    assertThat(response.maxCmdSn()).isEqualTo(CMD_SN + 127);
    assertThat(response.transit()).isTrue();
    response.release();
  }

  @Test
  void theSessionMayRefuseAfterAll() {
    LoginStep.Completed step = (LoginStep.Completed) target.go(OPERATIONAL, FULL, NORMAL);
    LoginStep.Failed failed = step.refused(LoginStatus.OUT_OF_RESOURCES, "too many sessions");
    assertThat(step.response().data().refCnt()).isZero();
    assertThat(failed.response().status()).isEqualTo(LoginStatus.OUT_OF_RESOURCES);
    assertThat(failed.response().transit()).isFalse();
  }

  @Test
  void requestsAreReleased() {
    LoginRequest request = request(true, false, OPERATIONAL, FULL, NORMAL);
    completed(target.send(request));
    assertThat(request.data().refCnt()).isZero();
  }

  @Test
  void nothingIsTakenAfterTheEnd() {
    completed(target.go(OPERATIONAL, FULL, NORMAL));
    LoginRequest late = request(true, false, OPERATIONAL, FULL, NORMAL);
    assertThatThrownBy(() -> target.send(late)).isInstanceOf(IllegalStateException.class);
    assertThat(late.data().refCnt()).isZero();
  }
}
