package io.sandrift.server.login;

import static io.sandrift.server.login.LoginConversation.DISCOVERY;
import static io.sandrift.server.login.LoginConversation.FULL;
import static io.sandrift.server.login.LoginConversation.NORMAL;
import static io.sandrift.server.login.LoginConversation.OPERATIONAL;
import static io.sandrift.server.login.LoginConversation.TARGET;
import static io.sandrift.server.login.LoginConversation.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.Reject;
import io.sandrift.iscsi.pdu.TextRequest;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.iscsi.text.TextPair;
import io.sandrift.iscsi.text.TextPairs;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextPhaseTest {

  private static final int NO_TAG = BasicHeader.RESERVED_TAG;
  private static final int TASK = 11;

  private static final TargetDirectory TWO_TARGETS =
      initiator ->
          List.of(
              new TargetDirectory.Entry(
                  new IscsiName(TARGET),
                  List.of(
                      new TargetAddress("127.0.0.1", 3260, 1), new TargetAddress("::1", 3260, 1))),
              new TargetDirectory.Entry(
                  new IscsiName("iqn.2026-11.io.sandrift:other"),
                  List.of(new TargetAddress("127.0.0.1", 3260, 1))));

  private static TextPhase after(String login, TargetDirectory directory) {
    LoginStep.Completed step =
        (LoginStep.Completed) LoginConversation.withOpenTarget().go(OPERATIONAL, FULL, login);
    step.response().release();
    return new TextPhase(step.outcome(), directory, TextLimits.DEFAULT);
  }

  private static TextStep ask(TextPhase phase, int tag, String lines) {
    return phase.receive(new TextRequest(false, true, false, 0, TASK, tag, 1, 1, text(lines)));
  }

  private static TextPairs said(TextStep step) throws Exception {
    assertThat(step).isInstanceOf(TextStep.Reply.class);
    return TextPairs.parseRepeating(
        ((TextStep.Reply) step).data(), new TextLimits(1 << 20, 10_000));
  }

  @Test
  void aDiscoverySessionSeesAllTargets() throws Exception {
    TextStep step = ask(after(DISCOVERY, TWO_TARGETS), NO_TAG, "SendTargets=All\n");
    assertThat(said(step))
        .containsExactly(
            new TextPair("TargetName", TARGET),
            new TextPair("TargetAddress", "127.0.0.1:3260,1"),
            new TextPair("TargetAddress", "[::1]:3260,1"),
            new TextPair("TargetName", "iqn.2026-11.io.sandrift:other"),
            new TextPair("TargetAddress", "127.0.0.1:3260,1"));
    assertThat(((TextStep.Reply) step).last()).isTrue();
    assertThat(((TextStep.Reply) step).targetTransferTag()).isEqualTo(NO_TAG);
  }

  @Test
  void oneTargetIsFoundByItsName() throws Exception {
    assertThat(said(ask(after(DISCOVERY, TWO_TARGETS), NO_TAG, "SendTargets=" + TARGET + "\n")))
        .hasSize(3);
  }

  @Test
  void aTargetThatIsNotThereIsNoTarget() throws Exception {
    assertThat(
            said(ask(after(DISCOVERY, TWO_TARGETS), NO_TAG, "SendTargets=iqn.2026-11.x.y:z\n"))
                .isEmpty())
        .isTrue();
  }

  @Test
  void aNormalSessionSeesItsOwnTarget() throws Exception {
    assertThat(said(ask(after(NORMAL, TWO_TARGETS), NO_TAG, "SendTargets=\n")))
        .startsWith(new TextPair("TargetName", TARGET))
        .hasSize(3);
  }

  @Test
  void aNormalSessionSeesNoOtherTarget() throws Exception {
    assertThat(said(ask(after(NORMAL, TWO_TARGETS), NO_TAG, "SendTargets=All\n")))
        .containsExactly(new TextPair("SendTargets", "Reject"));
  }

  @Test
  void aLongListComesInParts() throws Exception {
    List<TargetDirectory.Entry> many = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      many.add(
          new TargetDirectory.Entry(
              new IscsiName(TARGET + i), List.of(new TargetAddress("127.0.0.1", 3260, 1))));
    }
    TextPhase phase = after(DISCOVERY, initiator -> many);
    ByteBuf whole = Unpooled.buffer();
    TextStep.Reply reply = (TextStep.Reply) ask(phase, NO_TAG, "SendTargets=All\n");
    while (reply.more()) {
      assertThat(reply.last()).isFalse();
      assertThat(reply.data().readableBytes()).isEqualTo(8192);
      whole.writeBytes(reply.data());
      reply = (TextStep.Reply) ask(phase, reply.targetTransferTag(), "");
    }
    whole.writeBytes(reply.data());
    assertThat(reply.last()).isTrue();
    assertThat(TextPairs.parseRepeating(whole, new TextLimits(1 << 20, 10_000))).hasSize(2000);
  }

  @Test
  void aRequestMayComeInParts() throws Exception {
    TextPhase phase = after(DISCOVERY, TWO_TARGETS);
    TextStep.Reply reply =
        (TextStep.Reply)
            phase.receive(
                new TextRequest(false, false, true, 0, TASK, NO_TAG, 1, 1, text("SendTar")));
    assertThat(reply.last()).isFalse();
    assertThat(said(ask(phase, reply.targetTransferTag(), "gets=All\n"))).hasSize(5);
  }

  @Test
  void theInitiatorMayDeclareAnotherSegmentLength() throws Exception {
    TextPhase phase = after(NORMAL, TWO_TARGETS);
    assertThat(said(ask(phase, NO_TAG, "MaxRecvDataSegmentLength=131072\n")).isEmpty()).isTrue();
    assertThat(phase.peerMaxRecvDataSegmentLength()).isEqualTo(131_072);
  }

  @Test
  void whatOnlyALoginNegotiatesIsRejected() throws Exception {
    assertThat(said(ask(after(NORMAL, TWO_TARGETS), NO_TAG, "InitialR2T=No\n")))
        .containsExactly(new TextPair("InitialR2T", "Reject"));
  }

  @Test
  void anUnknownKeyIsNotUnderstood() throws Exception {
    assertThat(said(ask(after(NORMAL, TWO_TARGETS), NO_TAG, "X-com.example=1\n")))
        .containsExactly(new TextPair("X-com.example", "NotUnderstood"));
  }

  @Test
  void aTagThatIsNotOpenIsRefused() {
    assertThat(ask(after(DISCOVERY, TWO_TARGETS), 99, ""))
        .isInstanceOfSatisfying(
            TextStep.Refused.class,
            refused -> assertThat(refused.reason()).isEqualTo(Reject.PROTOCOL_ERROR));
  }

  @Test
  void aTagIsGoodForOneRequest() {
    TextPhase phase = after(DISCOVERY, TWO_TARGETS);
    TextRequest first =
        new TextRequest(false, false, false, 0, TASK, NO_TAG, 1, 1, text("SendTargets=All\n"));
    int tag = ((TextStep.Reply) phase.receive(first)).targetTransferTag();
    assertThat(ask(phase, tag, "")).isInstanceOf(TextStep.Reply.class);
    assertThat(ask(phase, tag, "")).isInstanceOf(TextStep.Refused.class);
  }

  @Test
  void textThatIsNotTextIsRefused() {
    assertThat(ask(after(DISCOVERY, TWO_TARGETS), NO_TAG, "garbage\n"))
        .isInstanceOf(TextStep.Refused.class);
  }

  @Test
  void aNewExchangeDropsTheLast() throws Exception {
    TextPhase phase = after(DISCOVERY, TWO_TARGETS);
    phase.receive(new TextRequest(false, false, true, 0, TASK, NO_TAG, 1, 1, text("garbage")));
    assertThat(said(ask(phase, NO_TAG, "SendTargets=All\n"))).hasSize(5);
  }
}
