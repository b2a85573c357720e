package io.sandrift.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Tag("S12")
@Timeout(120)
class PeerFrameTest {

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);

  @Test
  void everyKindIsOnTheWireWhatItHasAlwaysBeen() throws Exception {
    List<String> lines = new ArrayList<>();
    Frames.ofEveryKind()
        .forEach(
            (name, frame) ->
                lines.add(name + " " + HexFormat.of().formatHex(Frames.bytesOf(List.of(frame)))));
    try (InputStream in = PeerFrameTest.class.getResourceAsStream("/peer/frames.txt")) {
      assertThat(lines)
          .containsExactly(
              new String(in.readAllBytes(), StandardCharsets.UTF_8).strip().split("\n"));
    }
  }

  @Test
  void theDigestIsCrc32c() {
    ByteBuf check = Unpooled.copiedBuffer("123456789", StandardCharsets.US_ASCII);
    assertThat(PeerFrame.digest(new CRC32C(), check, 0, 9)).isEqualTo(0xe3069283);
    ByteBuf inParts =
        Unpooled.wrappedBuffer(check.slice(0, 4), check.slice(4, 3), check.slice(7, 2));
    assertThat(PeerFrame.digest(new CRC32C(), inParts, 0, 9)).isEqualTo(0xe3069283);
  }

  @Test
  void framesAreTheSameWhereverTheirBytesAreCut() {
    byte[] bytes = Frames.bytesOf(Frames.ofEveryKind().values());
    List<String> expected = new ArrayList<>();
    Frames.ofEveryKind().values().forEach(frame -> expected.add(Frames.describe(frame)));
    for (int cut = 0; cut <= bytes.length; cut++) {
      assertThat(decoded(bytes, cut)).as("cut at %d", cut).isEqualTo(expected);
    }
    int[] everywhere = new int[bytes.length];
    Arrays.setAll(everywhere, i -> i);
    assertThat(decoded(bytes, everywhere)).isEqualTo(expected);
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void dataGoWhereTheRequestWantsThem() {
    ByteBuf wanted = Unpooled.directBuffer(9, 9);
    PeerFrameDecoder decoder =
        new PeerFrameDecoder((header, length) -> wanted.retainedSlice(0, length).clear(), 100);
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    byte[] bytes = Frames.bytesOf(List.of(Frames.ofEveryKind().get("ANSWER-OK")));
    channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, 55));
    channel.writeInbound(Unpooled.copiedBuffer(bytes, 55, bytes.length - 55));
    PeerFrame frame = channel.readInbound();
    frame.data().release();
    wanted.writerIndex(9);
    assertThat(wanted.toString(StandardCharsets.US_ASCII)).isEqualTo("123456789");
    assertThat(wanted.refCnt()).isOne();
    wanted.release();
    channel.finishAndReleaseAll();
  }

  @Test
  void whatIsMissingOfAFrameIsReceivedWithOneSystemCallUpToABound() {
    PeerFrameDecoder decoder = new PeerFrameDecoder((header, length) -> null, 8 << 20);
    EmbeddedChannel channel = new EmbeddedChannel(decoder);
    decoder.sizeReceives(channel);
    assertThat(Frames.roomToReceive(channel)).as("nothing is known").isEqualTo(64 * 1024);
    byte[] frame = frame(300_000);
    channel.writeInbound(Unpooled.copiedBuffer(frame, 0, 100_000));
    assertThat(Frames.roomToReceive(channel))
        .as("the rest, and the next header")
        .isEqualTo(frame.length - 100_000 + PeerFrame.HEADER_BYTES);
    channel.writeInbound(Unpooled.copiedBuffer(frame, 100_000, frame.length - 100_000));
    channel.<PeerFrame>readInbound().data().release();
    channel.writeInbound(Unpooled.copiedBuffer(frame(8 << 20), 0, 1000));
    assertThat(Frames.roomToReceive(channel)).as("the most").isEqualTo(1 << 20);
    channel.finishAndReleaseAll();
  }

  @Test
  void aConnectionThatEndsInTheMiddleOfDataLetsThemGo() {
    EmbeddedChannel channel = channel(1000);
    byte[] bytes = Frames.bytesOf(List.of(Frames.ofEveryKind().get("OPEN")));
    channel.writeInbound(Unpooled.copiedBuffer(bytes, 0, bytes.length - 1));
    assertThat(allocator.metric().usedDirectMemory()).isPositive();
    channel.finishAndReleaseAll();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void asMuchDataAsTheLimitIsTakenAndNotAByteMore() {
    PeerFrame ten = PeerFrame.of(PeerFrame.Kind.HELLO, 0, Frames.text("0123456789"));
    byte[] bytes = Frames.bytesOf(List.of(ten));
    EmbeddedChannel enough = channel(10);
    enough.writeInbound(Unpooled.copiedBuffer(bytes));
    assertThat(Frames.describe(enough.readInbound())).contains("HELLO");
    enough.finishAndReleaseAll();
    EmbeddedChannel small = channel(9);
    assertThatThrownBy(() -> small.writeInbound(Unpooled.copiedBuffer(bytes)))
        .isInstanceOf(MalformedFrameException.class)
        .hasMessageContaining("9 are the limit");
    small.finishAndReleaseAll();
  }

  @Test
  void nothingIsDecodedBehindADamagedFrame() {
    PeerFrame ping = PeerFrame.of(PeerFrame.Kind.PING, 0);
    byte[] bytes = Frames.bytesOf(List.of(ping, ping, ping));
    bytes[PeerFrame.HEADER_BYTES + 5] ^= 1;
    EmbeddedChannel channel = channel(100);
    assertThatThrownBy(() -> channel.writeInbound(Unpooled.copiedBuffer(bytes)))
        .isInstanceOf(MalformedFrameException.class);
    channel.writeInbound(Unpooled.copiedBuffer(Frames.bytesOf(List.of(ping))));
    assertThat((PeerFrame) channel.readInbound()).isNotNull();
    assertThat((PeerFrame) channel.readInbound()).isNull();
    channel.finishAndReleaseAll();
  }

  @Test
  void whateverIsDamagedEndsInAMalformedFrameAndNothingLeaks() {
    long seed = Long.getLong("sandrift.seed", System.nanoTime());
    System.out.println("PeerFrameTest: -Dsandrift.seed=" + seed);
    Random random = new Random(seed);
    byte[] good = Frames.bytesOf(Frames.ofEveryKind().values());
    for (int round = 0; round < 5_000; round++) {
      byte[] bytes = good.clone();
      for (int i = random.nextInt(4); i >= 0; i--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      int length = random.nextInt(bytes.length + 1);
      EmbeddedChannel channel = channel(4096);
      try {
        for (int at = 0; at < length; ) {
          int part = Math.min(length - at, 1 + random.nextInt(400));
          channel.writeInbound(Unpooled.copiedBuffer(bytes, at, part));
          at += part;
        }
      } catch (MalformedFrameException e) {
        // As it should be; whatever else is thrown fails the test.
      }
      for (PeerFrame f = channel.readInbound(); f != null; f = channel.readInbound()) {
        f.data().release();
      }
      channel.finishAndReleaseAll();
      assertThat(allocator.metric().usedDirectMemory())
          .as("seed %d, round %d", seed, round)
          .isZero();
    }
  }

  private static byte[] frame(int length) {
    return Frames.bytesOf(
        List.of(PeerFrame.of(PeerFrame.Kind.ANSWER, 1, Unpooled.wrappedBuffer(new byte[length]))));
  }

  private EmbeddedChannel channel(int maxDataBytes) {
    EmbeddedChannel channel =
        new EmbeddedChannel(new PeerFrameDecoder((header, length) -> null, maxDataBytes));
    channel.config().setAllocator(allocator);
    return channel;
  }

  private List<String> decoded(byte[] bytes, int... cuts) {
    EmbeddedChannel channel = channel(4096);
    int at = 0;
    for (int cut : cuts) {
      channel.writeInbound(Unpooled.copiedBuffer(bytes, at, cut - at));
      at = cut;
    }
    channel.writeInbound(Unpooled.copiedBuffer(bytes, at, bytes.length - at));
    List<String> frames = new ArrayList<>();
    for (PeerFrame f = channel.readInbound(); f != null; f = channel.readInbound()) {
      frames.add(Frames.describe(f));
    }
    channel.finishAndReleaseAll();
    return frames;
  }
}
