package io.sandrift.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.server.block.IoStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The asking side; the other one is played by the test. */
@Tag("S12")
@Timeout(120)
class PeerConnectionTest {

  private static final ServerId SELF = new ServerId("a");
  private static final ServerId PEER = new ServerId("b");
  private static final int ANSWER = 4096 + PeerFrame.HEADER_BYTES;

  /** None of them is reached while a busy machine lets the test wait. */
  private static final PeerLimits LIMITS =
      new PeerLimits(
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          PeerLimits.DEFAULT.requests(),
          PeerLimits.DEFAULT.bytes(),
          PeerLimits.DEFAULT.congestionControl());

  private final Handshake handshake =
      new Handshake("the cluster's secret".getBytes(StandardCharsets.UTF_8));
  private final Holding holding = new Holding();
  private final EmbeddedChannel channel = new EmbeddedChannel(holding);
  private final PeerConnection connection =
      new PeerConnection(SELF, PEER, "", handshake, LIMITS, channel);
  private final List<IoStatus> ends = new ArrayList<>();

  @BeforeEach
  void open() {
    connection.decoder().sizeReceives(channel);
    channel.pipeline().addLast(connection.decoder(), connection.handler());
    channel.pipeline().fireChannelActive();
    Handshake.Greeting hello = Handshake.Greeting.decode(Frames.sentBy(channel).get(0).takeBytes());
    Handshake.Greeting unproven =
        new Handshake.Greeting(
            PeerFrame.VERSION, PEER, new byte[Handshake.NONCE_BYTES], "", new byte[0]);
    Handshake.Greeting welcome =
        new Handshake.Greeting(
            PeerFrame.VERSION,
            PEER,
            unproven.nonce(),
            "",
            handshake.proofOfAccepting(hello, unproven));
    Frames.deliver(
        channel, PeerFrame.of(PeerFrame.Kind.WELCOME, 0, Unpooled.wrappedBuffer(welcome.encode())));
    Frames.sentBy(channel).forEach(proof -> proof.data().release());
    Frames.deliver(channel, PeerFrame.of(PeerFrame.Kind.READY, 0));
    assertThat(connection.isOpen()).isTrue();
  }

  @AfterEach
  void close() {
    holding.isHolding = false;
    channel.close();
    channel.finishAndReleaseAll();
  }

  @Test
  void theAnswersToAllReadsUnderWayAreReceivedWithOneSystemCall() {
    for (int i = 0; i < 40; i++) {
      submit(Operation.READ);
    }
    assertThat(roomToReceive()).isEqualTo(40 * ANSWER);
  }

  @Test
  void nothingIsExpectedForWritesButTheirStatus() {
    for (int i = 0; i < 2000; i++) {
      submit(Operation.WRITE);
    }
    assertThat(roomToReceive()).isEqualTo(2000 * PeerFrame.HEADER_BYTES);
  }

  @Test
  void afterTheEndNothingMoreIsWrittenIntoABufferThatMayBeAnothersByThen() {
    ByteBuf buffer = submit(Operation.READ);
    byte[] ones = new byte[4096];
    Arrays.fill(ones, (byte) 1);
    byte[] answer =
        Frames.bytesOf(List.of(answerTo(Frames.sentBy(channel).get(0), IoStatus.OK, ones)));
    channel.writeInbound(Unpooled.copiedBuffer(answer, 0, 1000));
    holding.isHolding = true;
    connection.close("it has been silent");
    assertThat(ends).containsExactly(IoStatus.CUT_OFF);
    assertThat(buffer.refCnt()).isOne();
    channel.writeInbound(Unpooled.copiedBuffer(answer, 1000, answer.length - 1000));
    assertThat(buffer.getByte(4000)).isZero();
  }

  @Test
  void whatHasBeenAnsweredIsNoLongerExpectedWhateverTheAnswer() {
    for (int i = 0; i < 40; i++) {
      submit(Operation.READ);
    }
    List<PeerFrame> requests = Frames.sentBy(channel);
    for (PeerFrame request : requests.subList(0, 10)) {
      Frames.deliver(channel, answerTo(request, IoStatus.MOVED, new byte[0]));
    }
    for (PeerFrame request : requests.subList(10, 20)) {
      Frames.deliver(channel, answerTo(request, IoStatus.OK, new byte[4096]));
    }
    assertThat(ends).hasSize(20);
    assertThat(roomToReceive()).isEqualTo(20 * ANSWER);
  }

  /** Returns the request's buffer, which is full of zeros. */
  private ByteBuf submit(Operation operation) {
    ByteBuf buffer = Unpooled.buffer(4096).writeZero(4096);
    connection.submit(
        1,
        new BlockRequest(operation, 0, 0, buffer, 0, 4096) {
          @Override
          public void end(IoStatus status) {
            ends.add(status);
          }
        });
    return buffer;
  }

  private static PeerFrame answerTo(PeerFrame request, IoStatus status, byte[] data) {
    return new PeerFrame(
        PeerFrame.Kind.ANSWER,
        PeerFrame.numberOf(status),
        request.id(),
        0,
        0,
        0,
        0,
        0,
        Unpooled.wrappedBuffer(data));
  }

  private int roomToReceive() {
    return Frames.roomToReceive(channel);
  }

  /** Holds the end of the channel back, as TLS does until it has said goodbye. */
  private static final class Holding extends ChannelOutboundHandlerAdapter {

    private boolean isHolding;

    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) {
      if (!isHolding) {
        ctx.close(promise);
      }
    }
  }
}
