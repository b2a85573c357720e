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
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

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

  private record Said(LoginRequest header, byte[] text) {

    /** A request of its own: the phase releases what it takes. */
    LoginRequest request() {
      LoginRequest h = header;
      return new LoginRequest(
          h.transit(),
          h.more(),
          h.currentStage(),
          h.nextStage(),
          h.versionMax(),
          h.versionMin(),
          h.isid(),
          h.tsih(),
          h.initiatorTaskTag(),
          h.connectionId(),
          h.cmdSn(),
          h.expStatSn(),
          Unpooled.buffer().writeBytes(text));
    }
  }

  @Property(tries = 1500)
  void anySequenceOfRequestsEndsInASessionOrARedirectionOrAFailure(
      @ForAll("requests") List<Said> requests, @ForAll("lookups") TargetLookup lookup) {
    LoginPhase phase = new LoginPhase(query -> lookup, SETTINGS);
    int taken = 0;
    boolean goesOn = true;
    for (Said said : requests) {
      if (!goesOn) {
        break;
      }
      LoginRequest request = said.request();
      LoginStep step = phase.receive(request);
      taken++;
      assertThat(request.data().refCnt()).isZero();
      assertThat(step.response().data().readableBytes()).isLessThanOrEqualTo(MAX_RESPONSE_BYTES);
      step.response().release();
      goesOn = step instanceof LoginStep.Continue;
      assertThat(taken).isLessThanOrEqualTo(SETTINGS.maxExchanges() + 1);
      assertThat(goesOn && taken > SETTINGS.maxExchanges()).isFalse();
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
    return Combinators.combine(headers(), text()).as(Said::new).list().ofMinSize(1).ofMaxSize(20);
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

  /** Mostly headers that follow from one another, so that the fuzz gets past the first request. */
  private static Arbitrary<LoginRequest> headers() {
    Arbitrary<LoginStage> stages =
        Arbitraries.frequency(
            Tuple.of(6, LoginStage.SECURITY_NEGOTIATION),
            Tuple.of(3, LoginStage.LOGIN_OPERATIONAL_NEGOTIATION),
            Tuple.of(1, LoginStage.FULL_FEATURE_PHASE));
    Arbitrary<Boolean> seldom = Arbitraries.frequency(Tuple.of(7, false), Tuple.of(1, true));
    Arbitrary<Integer> mostlyZero = Arbitraries.frequency(Tuple.of(30, 0), Tuple.of(1, 1));
    return Combinators.combine(seldom, seldom, stages, stages, mostlyZero, mostlyZero)
        .as(
            (transit, more, current, next, version, tsih) ->
                new LoginRequest(
                    transit,
                    more,
                    current,
                    next,
                    version,
                    version,
                    new Isid(1),
                    tsih,
                    5,
                    0,
                    1,
                    0,
                    Unpooled.EMPTY_BUFFER));
  }

  private static Arbitrary<byte[]> text() {
    Arbitrary<String> keys =
        Arbitraries.oneOf(
            Arbitraries.of(TextKey.values()).map(TextKey::wireName),
            Arbitraries.strings().withChars("ABCxyz=.0\0").ofMaxLength(70));
    Arbitrary<String> values =
        Arbitraries.oneOf(
            Arbitraries.of(
                "Yes",
                "No",
                "None",
                "CHAP",
                "CRC32C,None",
                "5",
                "7,5",
                "0x00",
                "0b",
                "512",
                "All",
                "Normal",
                "Discovery",
                "",
                "Reject",
                "NotUnderstood",
                "16777215",
                "-1",
                LoginConversation.TARGET,
                LoginConversation.INITIATOR),
            Arbitraries.strings().ofMaxLength(300));
    Arbitrary<byte[]> pairs =
        Combinators.combine(keys, values)
            .as((key, value) -> key + "=" + value + "\0")
            .list()
            .ofMaxSize(8)
            .map(list -> String.join("", list).getBytes(StandardCharsets.UTF_8));
    byte[] identity = LoginConversation.NORMAL.replace('\n', '\0').getBytes(StandardCharsets.UTF_8);
    Arbitrary<byte[]> withIdentity =
        pairs.map(
            bytes -> {
              byte[] whole = new byte[identity.length + bytes.length];
              System.arraycopy(identity, 0, whole, 0, identity.length);
              System.arraycopy(bytes, 0, whole, identity.length, bytes.length);
              return whole;
            });
    Arbitrary<byte[]> noise = Arbitraries.bytes().array(byte[].class).ofMaxSize(5000);
    return Arbitraries.frequencyOf(
        Tuple.of(4, pairs), Tuple.of(4, withIdentity), Tuple.of(1, noise));
  }
}
