package io.sandrift.server.login;

import static io.sandrift.server.login.LoginConversation.FULL;
import static io.sandrift.server.login.LoginConversation.NORMAL;
import static io.sandrift.server.login.LoginConversation.OPERATIONAL;
import static io.sandrift.server.login.LoginConversation.SECURITY;
import static io.sandrift.server.login.LoginConversation.said;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sandrift.iscsi.pdu.LoginStatus;
import io.sandrift.iscsi.text.ChapAlgorithm;
import io.sandrift.iscsi.text.ChapChallenge;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChapLoginTest {

  private static final ChapCredentials ALICE =
      new ChapCredentials("alice", ChapSecret.of("a secret of alice"));
  private static final ChapCredentials STORE =
      new ChapCredentials("store", ChapSecret.of("a secret of the store"));

  private final LoginConversation oneWay = target(new Authentication.Chap(ALICE, null));
  private final LoginConversation mutual = target(new Authentication.Chap(ALICE, STORE));

  private static LoginConversation target(Authentication authentication) {
    return new LoginConversation(new TargetLookup.Found(1, "", authentication));
  }

  /** Goes as far as the challenge. */
  private static ChapChallenge challengeOf(LoginConversation target, ChapAlgorithm algorithm)
      throws Exception {
    said(target.stay(SECURITY, NORMAL + "AuthMethod=CHAP,None\n"));
    TextPairs reply = said(target.stay(SECURITY, "CHAP_A=" + algorithm.wireValue() + "\n"));
    assertThat(reply.get("CHAP_A")).isEqualTo(Integer.toString(algorithm.wireValue()));
    return ChapChallenge.parse(algorithm, reply.get("CHAP_I"), reply.get("CHAP_C"));
  }

  private static String lines(TextPairs.Builder text) {
    StringBuilder lines = new StringBuilder();
    for (TextPair pair : text.build()) {
      lines.append(pair.key()).append('=').append(pair.value()).append('\n');
    }
    return lines.toString();
  }

  private static String answer(ChapChallenge challenge, ChapCredentials credentials) {
    TextPairs.Builder text = TextPairs.builder();
    challenge.answer(credentials, text);
    return lines(text);
  }

  private static LoginStatus status(LoginStep step) {
    step.response().release();
    return step.response().status();
  }

  @ParameterizedTest
  @EnumSource(ChapAlgorithm.class)
  void whoKnowsTheSecretGetsIn(ChapAlgorithm algorithm) throws Exception {
    ChapChallenge challenge = challengeOf(oneWay, algorithm);
    LoginStep step = oneWay.go(SECURITY, OPERATIONAL, answer(challenge, ALICE));
    assertThat(step.response().transit()).isTrue();
    assertThat(said(step).isEmpty()).isTrue();
    LoginStep last = oneWay.go(OPERATIONAL, FULL, "");
    assertThat(last).isInstanceOf(LoginStep.Completed.class);
    last.response().release();
  }

  @Test
  void whoDoesNotKnowTheSecretStaysOut() throws Exception {
    ChapChallenge challenge = challengeOf(oneWay, ChapAlgorithm.MD5);
    ChapCredentials guess = new ChapCredentials("alice", ChapSecret.of("a wrong secret"));
    LoginStep step = oneWay.go(SECURITY, OPERATIONAL, answer(challenge, guess));
    assertThat(status(step)).isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
    assertThat(step).isInstanceOf(LoginStep.Failed.class);
  }

  @Test
  void theTargetProvesItselfToWhoAsks() throws Exception {
    ChapChallenge challenge = challengeOf(mutual, ChapAlgorithm.MD5);
    ChapChallenge counter = ChapChallenge.random(ChapAlgorithm.MD5, new Random(2));
    TextPairs.Builder question = TextPairs.builder();
    counter.addTo(question);
    TextPairs reply = said(mutual.go(SECURITY, FULL, answer(challenge, ALICE) + lines(question)));
    assertThat(counter.isAnswered(STORE, reply.get("CHAP_N"), reply.get("CHAP_R"))).isTrue();
  }

  @Test
  void aTargetWithoutASecretCannotProveItself() throws Exception {
    ChapChallenge challenge = challengeOf(oneWay, ChapAlgorithm.MD5);
    assertThat(
            status(
                oneWay.go(
                    SECURITY, FULL, answer(challenge, ALICE) + "CHAP_I=1\nCHAP_C=0x010203\n")))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void theTargetsOwnChallengeIsNotAnswered() throws Exception {
    ChapChallenge challenge = challengeOf(mutual, ChapAlgorithm.MD5);
    TextPairs.Builder reflected = TextPairs.builder();
    challenge.addTo(reflected);
    assertThat(status(mutual.go(SECURITY, FULL, answer(challenge, ALICE) + lines(reflected))))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void oneSecretForBothSidesIsRefused() {
    ChapCredentials same = new ChapCredentials("store", ALICE.secret());
    assertThatThrownBy(() -> new Authentication.Chap(ALICE, same))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("choose two");
  }

  @Test
  void theSecurityStageCannotBeSkipped() {
    assertThat(status(oneWay.go(OPERATIONAL, FULL, NORMAL)))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"AuthMethod=None\n", "AuthMethod=KRB5,SRP\n", ""})
  void whatProvesNothingIsNotEnough(String method) {
    assertThat(status(oneWay.go(SECURITY, OPERATIONAL, NORMAL + method)))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void anUnknownAlgorithmIsNotEnough() throws Exception {
    said(oneWay.stay(SECURITY, NORMAL + "AuthMethod=CHAP\n"));
    assertThat(status(oneWay.stay(SECURITY, "CHAP_A=6\n")))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }

  @Test
  void aTransitionBeforeTheProofIsNotGranted() throws Exception {
    LoginStep step = oneWay.go(SECURITY, OPERATIONAL, NORMAL + "AuthMethod=CHAP\n");
    assertThat(step.response().transit()).isFalse();
    assertThat(said(step).get("AuthMethod")).isEqualTo("CHAP");
  }

  @Test
  void aResponseWithoutAChallengeIsOutOfTurn() {
    assertThat(status(oneWay.stay(SECURITY, NORMAL + "CHAP_N=alice\nCHAP_R=0x00\n")))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void aSecondTryNeedsANewConnection() throws Exception {
    ChapChallenge challenge = challengeOf(oneWay, ChapAlgorithm.MD5);
    said(oneWay.stay(SECURITY, answer(challenge, ALICE)));
    assertThat(status(oneWay.stay(SECURITY, answer(challenge, ALICE))))
        .isEqualTo(LoginStatus.INITIATOR_ERROR);
  }

  @Test
  void halfAnAnswerIsMissingAParameter() throws Exception {
    challengeOf(oneWay, ChapAlgorithm.MD5);
    assertThat(status(oneWay.stay(SECURITY, "CHAP_N=alice\n")))
        .isEqualTo(LoginStatus.MISSING_PARAMETER);
  }

  @Test
  void anOpenTargetNeedsNoProof() throws Exception {
    LoginConversation open = LoginConversation.withOpenTarget();
    assertThat(said(open.stay(SECURITY, NORMAL + "AuthMethod=CHAP,None\n")).get("AuthMethod"))
        .isEqualTo("None");
  }

  @Test
  void anOpenTargetHasNoSecretForThoseWhoInsist() {
    LoginConversation open = LoginConversation.withOpenTarget();
    assertThat(status(open.stay(SECURITY, NORMAL + "AuthMethod=CHAP\n")))
        .isEqualTo(LoginStatus.AUTHENTICATION_FAILURE);
  }
}
