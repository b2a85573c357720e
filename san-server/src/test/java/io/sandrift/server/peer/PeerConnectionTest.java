package io.sandrift.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.BlockRequest;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.server.block.IoStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

  private final Handshake handshake =
      new Handshake("the cluster's secret".getBytes(StandardCharsets.UTF_8));
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final PeerConnection connection =
      new PeerConnection(SELF, PEER, "", handshake, PeerLimits.DEFAULT, channel);
  private final List<IoStatus> ends = new ArrayList<>();

  @BeforeEach
  void open() {
    connection.decoder().sizeReceives(channel);
    channel.pipeline().addLast(connection.decoder(), connection.handler());
    channel.pipeline().fireChannelActive();
    Handshake.Greeting hello = Handshake.Greeting.decode(sent().get(0).takeBytes());
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
    receive(PeerFrame.of(PeerFrame.Kind.WELCOME, 0, Unpooled.wrappedBuffer(welcome.encode())));
    sent().forEach(proof -> proof.data().release());
    receive(PeerFrame.of(PeerFrame.Kind.READY, 0));
    assertThat(connection.isOpen()).isTrue();
  }

  @AfterEach
  void close() {
    connection.close("the test is over");
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
    for (int i = 0; i < 40; i++) {
      submit(Operation.WRITE);
    }
    assertThat(roomToReceive()).isEqualTo(64 * 1024);
  }

  @Test
  void whatHasBeenAnsweredIsNoLongerExpectedWhateverTheAnswer() {
    for (int i = 0; i < 40; i++) {
      submit(Operation.READ);
    }
    List<PeerFrame> requests = sent();
    for (PeerFrame request : requests.subList(0, 10)) {
      answer(request, IoStatus.MOVED, Unpooled.EMPTY_BUFFER);
    }
    for (PeerFrame request : requests.subList(10, 20)) {
      answer(request, IoStatus.OK, Unpooled.buffer(4096).writeZero(4096));
    }
    assertThat(ends).hasSize(20);
    assertThat(roomToReceive()).isEqualTo(20 * ANSWER);
  }

  private void submit(Operation operation) {
    ByteBuf buffer = Unpooled.buffer(4096).writeZero(4096);
    connection.submit(
        1,
        new BlockRequest(operation, 0, 0, buffer, 0, 4096) {
          @Override
          public void end(IoStatus status) {
            ends.add(status);
          }
        });
  }

  private void answer(PeerFrame request, IoStatus status, ByteBuf data) {
    receive(
        new PeerFrame(
            PeerFrame.Kind.ANSWER, PeerFrame.numberOf(status), request.id(), 0, 0, 0, 0, 0, data));
  }

  private int roomToReceive() {
    return Frames.roomToReceive(channel);
  }

  private void receive(PeerFrame frame) {
    channel.writeInbound(Unpooled.copiedBuffer(Frames.bytesOf(List.of(frame))));
    channel.runPendingTasks();
  }

  /** What it has sent meanwhile. */
  private List<PeerFrame> sent() {
    channel.runPendingTasks();
    EmbeddedChannel peer =
        new EmbeddedChannel(
            new PeerFrameDecoder((header, length) -> null, PeerFrame.MAX_DATA_BYTES));
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      peer.writeInbound(out);
    }
    List<PeerFrame> frames = new ArrayList<>();
    for (PeerFrame frame = peer.readInbound(); frame != null; frame = peer.readInbound()) {
      frames.add(frame);
    }
    peer.finishAndReleaseAll();
    return frames;
  }
}
