package io.sandrift.server.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.ParameterProposal;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextKey;
import io.sandrift.iscsi.text.TextLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.statistics.Statistics;
import net.jqwik.api.statistics.StatisticsCoverage;

/** Whatever an initiator says, a login phase answers, and ends. */
class LoginFuzzTest {

  /** No answer is longer than what a text of the limits below can ask for. */
  private static final int MAX_RESPONSE_BYTES = 8192;

  private static final LoginSettings SETTINGS =
      new LoginSettings(ParameterProposal.DEFAULT, new TextLimits(4096, 64), 16);

  private static final TargetDirectory DIRECTORY =
      initiator ->
          List.of(
              new TargetDirectory.Entry(
                  new IscsiName(LoginConversation.TARGET),
                  List.of(new TargetAddress("127.0.0.1", 3260, 1))));

  /**
   * A request as it is thought up.
   *
   * @param astray whether its header is sent as it stands; most are bent to what may come next, or
   *     no fuzz would get past the second request
   */
  private record Said(
      boolean astray,
      boolean transit,
      boolean more,
      LoginStage current,
      LoginStage next,
      int version,
      int tsih,
      byte[] text) {

    LoginRequest request(LoginStage expected) {
      LoginStage from = astray ? current : expected;
      boolean goes = transit && (astray || !more);
      LoginStage to = goes ? astray ? next : LoginStage.FULL_FEATURE_PHASE : from;
      if (goes && !astray && from == LoginStage.SECURITY_NEGOTIATION) {
        to = LoginStage.LOGIN_OPERATIONAL_NEGOTIATION;
      }
      return new LoginRequest(
          goes,
          more,
          from,
          to,
          astray ? version : 0,
          astray ? version : 0,
          new Isid(1),
          astray ? tsih : 0,
          5,
          0,
          1,
          0,
          Unpooled.buffer().writeBytes(text));
    }
  }

  @Property(tries = 1500)
  void anySequenceOfRequestsEndsInASessionOrARedirectionOrAFailure(
      @ForAll("requests") List<Said> requests, @ForAll("lookups") TargetLookup lookup) {
    LoginPhase phase = new LoginPhase(query -> lookup, SETTINGS);
    int taken = 0;
    boolean goesOn = true;
    LoginStage stage = LoginStage.SECURITY_NEGOTIATION;
    for (Said said : requests) {
      if (!goesOn) {
        break;
      }
      LoginRequest request = said.request(stage);
      LoginStep step = phase.receive(request);
      taken++;
      assertThat(request.data().refCnt()).isZero();
      assertThat(step.response().data().readableBytes()).isLessThanOrEqualTo(MAX_RESPONSE_BYTES);
      step.response().release();
      goesOn = step instanceof LoginStep.Continue;
      stage = step.response().nextStage();
      Statistics.label("answers")
          .collect(step.getClass().getSimpleName() + (taken > 3 ? ", later" : ""))
          .coverage(LoginFuzzTest::everythingHappens);
      assertThat(taken).isLessThanOrEqualTo(SETTINGS.maxExchanges() + 1);
      assertThat(goesOn && taken > SETTINGS.maxExchanges()).isFalse();
    }
  }

  /** A fuzz that never gets anywhere proves nothing, so this is part of the claim. */
  private static void everythingHappens(StatisticsCoverage coverage) {
    for (String answer :
        List.of(
            "Continue",
            "Continue, later",
            "Completed",
            "Completed, later",
            "Failed",
            "Failed, later",
            "Redirected")) {
      coverage.check(answer).count(count -> count > 0);
    }
  }

  @Property(tries = 500)
  void anySequenceOfTextRequestsIsAnswered(
      @ForAll("texts") List<byte[]> texts, @ForAll List<Boolean> bits, @ForAll int tag) {
    LoginStep.Completed login =
        (LoginStep.Completed)
            LoginConversation.withOpenTarget()
                .go(
                    LoginConversation.OPERATIONAL,
                    LoginConversation.FULL,
                    LoginConversation.DISCOVERY);
    login.response().release();
    TextPhase phase = new TextPhase(login.outcome(), DIRECTORY, new TextLimits(4096, 64));
    int next = -1;
    for (int i = 0; i < texts.size(); i++) {
      boolean bit = i < bits.size() && bits.get(i);
      ByteBuf data = Unpooled.buffer().writeBytes(texts.get(i));
      TextStep step =
          phase.receive(
              new TextRequest(false, !bit, bit, 0, 1, i % 3 == 2 ? tag : next, 1, 1, data));
      assertThat(data.refCnt()).isZero();
      next = -1;
      if (step instanceof TextStep.Reply reply) {
        assertThat(reply.data().readableBytes()).isLessThanOrEqualTo(MAX_RESPONSE_BYTES);
        next = reply.targetTransferTag();
        reply.data().release();
      }
    }
  }

  @Provide
  Arbitrary<List<Said>> requests() {
    Arbitrary<byte[]> identity =
        text().map(bytes -> join(LoginConversation.NORMAL.replace('\n', '\0'), bytes));
    Arbitrary<Said> opening =
        Arbitraries.frequencyOf(Tuple.of(9, said(identity)), Tuple.of(1, said(text())));
    Arbitrary<List<Said>> rest = said(text()).list().ofMaxSize(20);
    return Combinators.combine(opening, rest)
        .as(
            (first, others) -> {
              List<Said> all = new ArrayList<>();
              all.add(first);
              all.addAll(others);
              return all;
            })
        .withoutEdgeCases();
  }

  @Provide
  Arbitrary<List<byte[]>> texts() {
    return text().list().ofMaxSize(12);
  }

  @Provide
  Arbitrary<TargetLookup> lookups() {
    ChapCredentials initiator = new ChapCredentials("alice", ChapSecret.of("a secret of alice"));
    ChapCredentials target = new ChapCredentials("store", ChapSecret.of("a secret of the store"));
    return Arbitraries.of(
        new TargetLookup.Found(1, "alias", Authentication.NOT_REQUIRED),
        new TargetLookup.Found(1, "", Authentication.NOT_REQUIRED),
        new TargetLookup.Found(1, "", new Authentication.Chap(initiator, target)),
        new TargetLookup.Moved(new TargetAddress("10.0.0.1", 3260), false),
        TargetLookup.notFound());
  }

  private static Arbitrary<Said> said(Arbitrary<byte[]> text) {
    Arbitrary<LoginStage> stages = Arbitraries.of(LoginStage.values());
    Arbitrary<Integer> small = Arbitraries.of(0, 0, 0, 1);
    return Combinators.combine(oneIn(25), oneIn(4), oneIn(6), stages, stages, small, small, text)
        .as(Said::new);
  }

  private static Arbitrary<Boolean> oneIn(int count) {
    return Arbitraries.frequency(Tuple.of(count - 1, false), Tuple.of(1, true));
  }

  /** Mostly a key or two that an initiator may send, with a value of its kind; else anything. */
  private static Arbitrary<byte[]> text() {
    Arbitrary<byte[]> sensible = sensiblePair().list().ofMaxSize(2).map(LoginFuzzTest::utf8);
    Arbitrary<String> anyKey =
        Arbitraries.oneOf(
            Arbitraries.of(TextKey.values()).map(TextKey::wireName),
            Arbitraries.strings().withChars("ABCxyz=.0\0").ofMaxLength(70));
    Arbitrary<String> anyValue = Arbitraries.strings().ofMaxLength(300);
    Arbitrary<byte[]> strange =
        Combinators.combine(anyKey, anyValue)
            .as((key, value) -> key + "=" + value + "\0")
            .list()
            .ofMaxSize(8)
            .map(LoginFuzzTest::utf8);
    Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofMaxSize(5000);
    return Arbitraries.frequencyOf(
        Tuple.of(28, sensible), Tuple.of(1, strange), Tuple.of(1, noise));
  }

  private static Arbitrary<String> sensiblePair() {
    Arbitrary<String> negotiated =
        Arbitraries.of(TextKey.values())
            .filter(TextKey::isNumerical)
            .flatMap(
                key ->
                    Arbitraries.integers()
                        .between(key.lowest(), key.highest() + 1)
                        .map(number -> key.wireName() + "=" + number + "\0"));
    Arbitrary<String> others =
        Arbitraries.of(
            "AuthMethod=None\0",
            "AuthMethod=CHAP,None\0",
            "AuthMethod=CHAP\0CHAP_A=7,5\0",
            "CHAP_A=5\0",
            "CHAP_N=alice\0CHAP_R=0x00\0",
            "CHAP_I=1\0CHAP_C=0b\0",
            "HeaderDigest=CRC32C,None\0",
            "DataDigest=None\0",
            "InitialR2T=No\0",
            "ImmediateData=maybe\0",
            "IFMarker=Yes\0",
            "SessionType=Normal\0",
            "InitiatorAlias=\0",
            "MaxRecvDataSegmentLength=512\0",
            "X-a=b\0X-b=b\0X-c=NotUnderstood\0",
            "SendTargets=All\0");
    return Arbitraries.oneOf(negotiated, others);
  }

  private static byte[] utf8(List<String> parts) {
    return String.join("", parts).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] join(String head, byte[] tail) {
    byte[] first = head.getBytes(StandardCharsets.UTF_8);
    byte[] whole = Arrays.copyOf(first, first.length + tail.length);
    System.arraycopy(tail, 0, whole, first.length, tail.length);
    return whole;
  }
}
