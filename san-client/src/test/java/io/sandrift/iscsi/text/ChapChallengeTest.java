package io.sandrift.iscsi.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ChapChallengeTest {

  private static final ChapCredentials ALICE =
      new ChapCredentials("alice", ChapSecret.of("a secret of alice"));

  private final SecureRandom random = new SecureRandom();

  private static boolean isAnswered(ChapChallenge challenge, TextPairs answer)
      throws MalformedTextException {
    return challenge.isAnswered(ALICE, answer.get(TextKey.CHAP_N), answer.get(TextKey.CHAP_R));
  }

  private static TextPairs answer(ChapChallenge challenge, ChapCredentials credentials) {
    TextPairs.Builder text = TextPairs.builder();
    challenge.answer(credentials, text);
    return text.build();
  }

  @ParameterizedTest
  @EnumSource(ChapAlgorithm.class)
  void whoKnowsTheSecretIsBelieved(ChapAlgorithm algorithm) throws Exception {
    ChapChallenge sent = ChapChallenge.random(algorithm, random);
    TextPairs.Builder text = TextPairs.builder();
    sent.addTo(text);
    TextPairs onTheWire = text.build();
    ChapChallenge received =
        ChapChallenge.parse(
            algorithm, onTheWire.get(TextKey.CHAP_I), onTheWire.get(TextKey.CHAP_C));
    assertThat(isAnswered(sent, answer(received, ALICE))).isTrue();
  }

  @Test
  void aWrongSecretIsNotBelieved() throws Exception {
    ChapChallenge challenge = ChapChallenge.random(ChapAlgorithm.MD5, random);
    ChapCredentials guess = new ChapCredentials("alice", ChapSecret.of("another secret"));
    assertThat(isAnswered(challenge, answer(challenge, guess))).isFalse();
  }

  @Test
  void aWrongNameIsNotBelieved() throws Exception {
    ChapChallenge challenge = ChapChallenge.random(ChapAlgorithm.MD5, random);
    ChapCredentials mallory = new ChapCredentials("mallory", ALICE.secret());
    assertThat(isAnswered(challenge, answer(challenge, mallory))).isFalse();
  }

  @Test
  void aResponseToAnotherChallengeIsNotBelieved() throws Exception {
    ChapChallenge challenge = ChapChallenge.random(ChapAlgorithm.MD5, random);
    ChapChallenge other = ChapChallenge.random(ChapAlgorithm.MD5, random);
    assertThat(isAnswered(challenge, answer(other, ALICE))).isFalse();
  }

  @Test
  void md5IsComputedAsRfc1994Says() throws Exception {
    // printf '\x01abcdefghijkl\x00\x01\x02\x03' | md5sum
    ChapChallenge challenge = ChapChallenge.parse(ChapAlgorithm.MD5, "1", "0x00010203");
    ChapCredentials credentials = new ChapCredentials("n", ChapSecret.of("abcdefghijkl"));
    assertThat(answer(challenge, credentials).get(TextKey.CHAP_R))
        .isEqualTo("0xebdf99f856fd077bf5d2e96178d913e2");
  }

  @Test
  void aReflectedChallengeIsRecognised() throws Exception {
    ChapChallenge ours = ChapChallenge.random(ChapAlgorithm.MD5, random);
    TextPairs.Builder text = TextPairs.builder();
    ours.addTo(text);
    ChapChallenge theirs =
        ChapChallenge.parse(ChapAlgorithm.MD5, "77", text.build().get(TextKey.CHAP_C));
    assertThat(ours.isReflectedBy(theirs)).isTrue();
    assertThat(ours.isReflectedBy(ChapChallenge.random(ChapAlgorithm.MD5, random))).isFalse();
  }

  @Test
  void challengesHaveAtLeast16Bytes() {
    assertThat(ChapChallenge.BYTES).isGreaterThanOrEqualTo(16);
  }

  @Test
  void aSecretHasAtLeast12Bytes() {
    assertThat(ChapSecret.of("123456789012")).isNotNull();
    assertThatThrownBy(() -> ChapSecret.of("12345678901"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("expected 12 to 255")
        .hasMessageNotContaining("12345678901");
  }

  @Test
  void aSecretIsNotShown() {
    assertThat(ALICE.toString()).doesNotContain("a secret");
  }

  @ParameterizedTest
  @CsvSource({"'5', MD5", "'7,5', SHA_256", "'6,5', MD5", "'5,8', MD5", "'999,8', SHA3_256"})
  void theFirstOfferedAlgorithmThatIsKnownIsTaken(String offered, ChapAlgorithm taken) {
    assertThat(ChapAlgorithm.firstKnown(offered)).isEqualTo(taken);
  }

  @Test
  void noKnownAlgorithmIsNone() {
    assertThat(ChapAlgorithm.firstKnown("6,,x")).isNull();
  }

  @ParameterizedTest
  @CsvSource({"0xff, 1", "0x1, 1", "0bAAEC, 3", "0XFFff, 2", "0b, 0"})
  void binaryValuesAreReadInBothForms(String value, int length) throws Exception {
    assertThat(BinaryValue.parse("CHAP_C", value, 10)).hasSize(length);
  }

  @ParameterizedTest
  @CsvSource({"ff", "0xfg", "0b*", "''", "0"})
  void whatIsNotBinaryIsRefused(String value) {
    assertThatThrownBy(() -> BinaryValue.parse("CHAP_C", value, 10))
        .isInstanceOf(MalformedTextException.class);
  }

  @Property(tries = 200)
  void binaryValuesSurviveBothForms(@ForAll byte[] bytes) throws Exception {
    assertThat(BinaryValue.parse("CHAP_C", BinaryValue.toHex(bytes), 10_000)).isEqualTo(bytes);
    assertThat(BinaryValue.parse("CHAP_C", BinaryValue.toBase64(bytes), 10_000)).isEqualTo(bytes);
  }
}
