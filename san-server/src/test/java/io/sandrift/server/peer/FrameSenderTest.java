package io.sandrift.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("S12")
@Timeout(120)
class FrameSenderTest {

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final FrameSender sender;

  FrameSenderTest() {
    channel.config().setAllocator(allocator);
    sender = new FrameSender(channel);
  }

  @Test
  void framesLeaveInTheOrderInWhichTheyWereSentWhateverTheyCarry() {
    for (int seed = 0; seed < 30; seed++) {
      Random random = new Random(seed);
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      for (int id = 1; id <= 200; id++) {
        byte[] data = new byte[random.nextInt(10) == 0 ? 70_000 : random.nextInt(100)];
        random.nextBytes(data);
        expected.writeBytes(
            Frames.bytesOf(List.of(PeerFrame.of(PeerFrame.Kind.CALL, id, copied(data, 0)))));
        switch (random.nextInt(3)) {
          case 0 -> sender.send(PeerFrame.of(PeerFrame.Kind.CALL, id, copied(data, 0)));
          case 1 ->
              sender.sendInPlace(
                  PeerFrame.of(PeerFrame.Kind.CALL, id, copied(data, PeerFrame.HEADER_BYTES)));
          default -> {
            sender.send(PeerFrame.of(PeerFrame.Kind.CALL, id, copied(data, 0)));
            if (random.nextInt(8) == 0) {
              channel.runPendingTasks();
            }
          }
        }
      }
      channel.runPendingTasks();
      assertThat(ByteBufUtil.hexDump(sent()))
          .as("seed %d", seed)
          .isEqualTo(ByteBufUtil.hexDump(expected.toByteArray()));
    }
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void theRequestsOfOneTurnAreOneBuffer() {
    for (int id = 1; id <= 32; id++) {
      sender.send(PeerFrame.of(PeerFrame.Kind.PING, id));
    }
    assertThat((ByteBuf) channel.readOutbound()).isNull();
    channel.runPendingTasks();
    ByteBuf all = channel.readOutbound();
    assertThat(all.readableBytes()).isEqualTo(32 * PeerFrame.HEADER_BYTES);
    all.release();
    assertThat((ByteBuf) channel.readOutbound()).isNull();
  }

  @Test
  void aConnectionThatIsClosedBeforeTheTurnEndsLetsAllGo() {
    sender.send(PeerFrame.of(PeerFrame.Kind.PING, 1));
    sender.send(PeerFrame.of(PeerFrame.Kind.CALL, 2, copied(new byte[10], 0)));
    sender.send(PeerFrame.of(PeerFrame.Kind.PING, 3));
    channel.close();
    channel.runPendingTasks();
    channel.finishAndReleaseAll();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  private ByteBuf copied(byte[] data, int before) {
    ByteBuf buffer = allocator.directBuffer(before + data.length + 1).setIndex(before, before);
    return buffer.writeBytes(data);
  }

  private byte[] sent() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      bytes.writeBytes(ByteBufUtil.getBytes(out));
      out.release();
    }
    return bytes.toByteArray();
  }
}
