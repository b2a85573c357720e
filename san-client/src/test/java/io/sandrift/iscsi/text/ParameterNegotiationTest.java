package io.sandrift.iscsi.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ParameterNegotiationTest {

  private final ParameterNegotiation target =
      new ParameterNegotiation(SessionType.NORMAL, ParameterProposal.DEFAULT);

  private static TextPairs exchange(ParameterNegotiation side, TextPairs received)
      throws MalformedTextException {
    TextPairs.Builder reply = TextPairs.builder();
    for (TextPair pair : received) {
      side.receive(TextKey.ofWireName(pair.key()), pair.value(), reply);
    }
    return reply.build();
  }

  private String answer(TextKey key, String offered) throws MalformedTextException {
    return exchange(target, TextPairs.builder().add(key, offered).build()).get(key);
  }

  @ParameterizedTest
  @CsvSource({
    "HEADER_DIGEST, 'CRC32C,None', CRC32C",
    "HEADER_DIGEST, 'X-other,None', None",
    "HEADER_DIGEST, X-other, Reject",
    "INITIAL_R2T, No, No",
    "INITIAL_R2T, Yes, Yes",
    "INITIAL_R2T, maybe, Reject",
    "IMMEDIATE_DATA, No, No",
    "IMMEDIATE_DATA, Yes, Yes",
    "MAX_BURST_LENGTH, 16776192, 1048576",
    "MAX_BURST_LENGTH, 0x10000, 65536",
    "MAX_BURST_LENGTH, 511, Reject",
    "MAX_BURST_LENGTH, 16777216, Reject",
    "MAX_BURST_LENGTH, -1, Reject",
    "MAX_BURST_LENGTH, 99999999999999999999, Reject",
    "MAX_CONNECTIONS, 8, 1",
    "ERROR_RECOVERY_LEVEL, 2, 0",
    "DEFAULT_TIME2WAIT, 2, 2",
    "DEFAULT_TIME2RETAIN, 20, 0",
    "MAX_OUTSTANDING_R2T, 1, 1",
    "DATA_PDU_IN_ORDER, No, Yes",
    "DATA_SEQUENCE_IN_ORDER, No, Yes",
    "TASK_REPORTING, RFC3720, RFC3720",
    "ISCSI_PROTOCOL_LEVEL, 2, 1",
    "IF_MARKER, Yes, No",
    "OF_MARKER, No, No",
    "IF_MARK_INT, 2048, Reject"
  })
  void anOfferIsAnsweredByItsRule(TextKey key, String offered, String answered) throws Exception {
    assertThat(answer(key, offered)).isEqualTo(answered);
  }

  @Test
  void aRejectedKeyKeepsItsDefault() throws Exception {
    answer(TextKey.MAX_BURST_LENGTH, "1");
    assertThat(target.result().maxBurstLength()).isEqualTo(262_144);
  }

  @Test
  void whatWasNeverOfferedKeepsItsDefault() {
    SessionParameters parameters = target.result();
    assertThat(parameters.initialR2T()).isTrue();
    assertThat(parameters.immediateData()).isTrue();
    assertThat(parameters.maxOutstandingR2T()).isEqualTo(1);
    assertThat(parameters.peerMaxRecvDataSegmentLength()).isEqualTo(8192);
  }

  @Test
  void aKeyIsNegotiatedOnce() throws Exception {
    answer(TextKey.INITIAL_R2T, "No");
    assertThatThrownBy(() -> answer(TextKey.INITIAL_R2T, "No"))
        .isInstanceOf(MalformedTextException.class);
  }

  @Test
  void aDeclarationHasNoAnswer() throws Exception {
    assertThat(answer(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH, "65536")).isNull();
    assertThat(target.result().peerMaxRecvDataSegmentLength()).isEqualTo(65536);
  }

  @Test
  void aDeclarationOutOfRangeEndsTheLogin() {
    assertThatThrownBy(() -> answer(TextKey.MAX_RECV_DATA_SEGMENT_LENGTH, "511"))
        .isInstanceOf(MalformedTextException.class)
        .hasMessage("MaxRecvDataSegmentLength is \"511\", expected a number from 512 to 16777215");
  }

  @Test
  void theFirstBurstNeverExceedsABurst() throws Exception {
    answer(TextKey.MAX_BURST_LENGTH, "4096");
    assertThat(target.result().firstBurstLength()).isEqualTo(4096);
  }

  @Test
  void keysOfNormalSessionsAreIrrelevantToDiscovery() throws Exception {
    ParameterNegotiation discovery =
        new ParameterNegotiation(SessionType.DISCOVERY, ParameterProposal.DEFAULT);
    TextPairs offer = TextPairs.builder().add(TextKey.INITIAL_R2T, "No").build();
    assertThat(exchange(discovery, offer).get(TextKey.INITIAL_R2T)).isEqualTo("Irrelevant");
  }

  @Test
  void theTargetDeclaresItsSegmentLengthOnce() {
    TextPairs.Builder text = TextPairs.builder();
    target.declare(text);
    target.declare(text);
    assertThat(text.build()).containsExactly(new TextPair("MaxRecvDataSegmentLength", "262144"));
  }

  @Test
  void anAnswerThatWasNotOfferedIsRefused() {
    ParameterNegotiation initiator =
        new ParameterNegotiation(SessionType.NORMAL, ParameterProposal.DEFAULT);
    initiator.propose(TextPairs.builder());
    assertThatThrownBy(
            () ->
                exchange(
                    initiator,
                    TextPairs.builder().add(TextKey.MAX_BURST_LENGTH, "2097152").build()))
        .isInstanceOf(MalformedTextException.class)
        .hasMessageContaining("an answer to the offer \"1048576\"");
  }

  @Test
  void aRequiredDigestThatIsRefusedEndsTheLogin() {
    ParameterNegotiation initiator =
        new ParameterNegotiation(
            SessionType.NORMAL,
            ParameterProposal.DEFAULT.withDigests(
                ParameterProposal.REQUIRE_DIGEST, ParameterProposal.PREFER_NO_DIGEST));
    initiator.propose(TextPairs.builder());
    assertThatThrownBy(
            () ->
                exchange(
                    initiator, TextPairs.builder().add(TextKey.HEADER_DIGEST, "Reject").build()))
        .isInstanceOf(MalformedTextException.class);
  }

  @Test
  void aRequiredDigestThatNobodyOffersIsNoticed() {
    ParameterNegotiation strict =
        new ParameterNegotiation(
            SessionType.NORMAL,
            ParameterProposal.DEFAULT.withDigests(
                ParameterProposal.PREFER_DIGEST, ParameterProposal.REQUIRE_DIGEST));
    assertThat(strict.missingDigest()).isEqualTo("DataDigest=CRC32C");
  }

  @ParameterizedTest
  @EnumSource(SessionType.class)
  void allOffersAreAnsweredInOneExchange(SessionType type) throws Exception {
    ParameterNegotiation one = new ParameterNegotiation(type, ParameterProposal.DEFAULT);
    ParameterNegotiation other = new ParameterNegotiation(type, ParameterProposal.DEFAULT);
    TextPairs.Builder offer = TextPairs.builder();
    one.propose(offer);
    exchange(one, exchange(other, offer.build()));
    assertThat(one.isAnswered()).isTrue();
  }

  @Property(tries = 300)
  void bothSidesComeToTheSameParameters(
      @ForAll("proposals") ParameterProposal first, @ForAll("proposals") ParameterProposal second)
      throws Exception {
    ParameterNegotiation initiator = new ParameterNegotiation(SessionType.NORMAL, first);
    ParameterNegotiation responder = new ParameterNegotiation(SessionType.NORMAL, second);
    TextPairs.Builder offer = TextPairs.builder();
    initiator.propose(offer);
    TextPairs.Builder reply = TextPairs.builder();
    for (TextPair pair : offer.build()) {
      responder.receive(TextKey.ofWireName(pair.key()), pair.value(), reply);
    }
    responder.declare(reply);
    exchange(initiator, reply.build());

    SessionParameters ours = initiator.result();
    SessionParameters theirs = responder.result();
    assertThat(ours.maxRecvDataSegmentLength()).isEqualTo(theirs.peerMaxRecvDataSegmentLength());
    assertThat(theirs.maxRecvDataSegmentLength()).isEqualTo(ours.peerMaxRecvDataSegmentLength());
    assertThat(ours)
        .usingRecursiveComparison()
        .ignoringFields("maxRecvDataSegmentLength", "peerMaxRecvDataSegmentLength")
        .isEqualTo(theirs);
  }

  @Property(tries = 500)
  void anyValueIsAnsweredOrRefused(@ForAll("negotiated") TextKey key, @ForAll String value) {
    ParameterNegotiation side =
        new ParameterNegotiation(SessionType.NORMAL, ParameterProposal.DEFAULT);
    try {
      side.receive(key, value.replace("\0", ""), TextPairs.builder());
    } catch (MalformedTextException e) {
      assertThat(e.getMessage()).contains(key.wireName());
    }
    assertThat(side.result()).isNotNull();
  }

  @Provide
  Arbitrary<TextKey> negotiated() {
    return Arbitraries.of(TextKey.values()).filter(ParameterNegotiation::handles);
  }

  @Provide
  Arbitrary<ParameterProposal> proposals() {
    Arbitrary<List<String>> digests =
        Arbitraries.of(ParameterProposal.PREFER_DIGEST, ParameterProposal.PREFER_NO_DIGEST);
    Arbitrary<Integer> lengths = Arbitraries.integers().between(512, 0xffffff);
    Arbitrary<Boolean> flags = Arbitraries.of(true, false);
    return Combinators.combine(digests, digests, lengths, lengths, lengths, flags, flags)
        .as(
            (header, data, segment, oneBurst, otherBurst, r2t, immediate) ->
                new ParameterProposal(
                    header,
                    data,
                    segment,
                    Math.max(oneBurst, otherBurst),
                    Math.min(oneBurst, otherBurst),
                    r2t,
                    immediate,
                    1 + segment % 65535,
                    oneBurst % 3601,
                    otherBurst % 3601));
  }

  @Property(tries = 200)
  void numbersAreReadInBothForms(@ForAll @IntRange(min = 512, max = 0xffffff) int number)
      throws Exception {
    assertThat(TextKey.MAX_BURST_LENGTH.parseNumber("0x" + Integer.toHexString(number)))
        .isEqualTo(TextKey.MAX_BURST_LENGTH.parseNumber(Integer.toString(number)))
        .isEqualTo(number);
  }
}
