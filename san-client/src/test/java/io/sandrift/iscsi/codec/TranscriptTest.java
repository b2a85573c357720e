package io.sandrift.iscsi.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.codec.PduDecoder.Sender;
import io.sandrift.iscsi.pdu.LoginRequest;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.Pdu;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What real initiators and a real target said to each other. */
class TranscriptTest {

  private static final Digests HEADER_DIGEST = new Digests(true, false);

  /** One direction of a recorded connection. */
  enum Transcript {
    DISCOVERY_REQUESTS("libiscsi-discovery.initiator", Sender.INITIATOR, Digests.NONE),
    DISCOVERY_RESPONSES("libiscsi-discovery.target", Sender.TARGET, Digests.NONE),
    INQUIRY_REQUESTS("libiscsi-inquiry.initiator", Sender.INITIATOR, Digests.NONE),
    INQUIRY_RESPONSES("libiscsi-inquiry.target", Sender.TARGET, Digests.NONE),
    BLOCK_REQUESTS("qemu-write-read-discard.initiator", Sender.INITIATOR, Digests.NONE),
    BLOCK_RESPONSES("qemu-write-read-discard.target", Sender.TARGET, Digests.NONE),
    DIGEST_REQUESTS("qemu-header-digest.initiator", Sender.INITIATOR, HEADER_DIGEST),
    DIGEST_RESPONSES("qemu-header-digest.target", Sender.TARGET, HEADER_DIGEST);

    final String file;
    final Sender sender;
    final Digests digests;

    Transcript(String file, Sender sender, Digests digests) {
      this.file = file;
      this.sender = sender;
      this.digests = digests;
    }

    byte[] bytes() {
      try (InputStream in = TranscriptTest.class.getResourceAsStream("/transcripts/" + file)) {
        return in.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    DecodingChannel channel() {
      DecodingChannel channel = new DecodingChannel(sender);
      channel.setDigestsAfterLogin(digests);
      return channel;
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasReadIsWrittenByteForByte(Transcript transcript) {
    byte[] recorded = transcript.bytes();
    try (DecodingChannel channel = transcript.channel()) {
      channel.receive(recorded);
      PduEncoder encoder = new PduEncoder();
      ByteBuf written = Unpooled.buffer();
      for (Object message : channel.out()) {
        assertThat(message).isInstanceOf(Pdu.class);
        encoder.encode(written, (Pdu) message);
        if (message instanceof LoginRequest request
            && request.nextStage() == LoginStage.FULL_FEATURE_PHASE) {
          encoder.setDigests(transcript.digests);
        }
        if (message instanceof LoginResponse response
            && response.nextStage() == LoginStage.FULL_FEATURE_PHASE) {
          encoder.setDigests(transcript.digests);
        }
      }
      assertThat(ByteBufUtil.prettyHexDump(written))
          .isEqualTo(ByteBufUtil.prettyHexDump(Unpooled.wrappedBuffer(recorded)));
    }
  }

  @Property(tries = 2000)
  void aMutatedTranscriptIsReadOrRefused(@ForAll Transcript transcript, @ForAll long seed) {
    Random random = new Random(seed);
    byte[] bytes = mutate(transcript.bytes(), random);
    try (DecodingChannel channel = transcript.channel()) {
      for (int at = 0; at < bytes.length; ) {
        int length = Math.min(bytes.length - at, 1 + random.nextInt(2000));
        channel.receive(bytes, at, length);
        at += length;
      }
      channel.releaseAll();
      assertThat(channel.bytesHeld())
          .as("bytes held between two reads")
          .isLessThanOrEqualTo(DecodingChannel.MAX_DATA + 2048);
    }
  }

  /** Flips, inserts, deletes, repeats and cuts. */
  private static byte[] mutate(byte[] original, Random random) {
    byte[] bytes = original.clone();
    for (int i = 1 + random.nextInt(4); i > 0 && bytes.length > 1; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 ->
            bytes = join(bytes, at, bytes, Math.min(bytes.length, at + 1 + random.nextInt(60)));
        case 3 -> bytes = join(bytes, at, bytes, Math.max(0, at - random.nextInt(60)));
        default -> bytes = Arrays.copyOf(bytes, at);
      }
    }
    return bytes;
  }

  /** The first one up to an index, then the second from an index. */
  private static byte[] join(byte[] first, int to, byte[] second, int from) {
    byte[] joined = Arrays.copyOf(first, to + second.length - from);
    System.arraycopy(second, from, joined, to, second.length - from);
    return joined;
  }
}
