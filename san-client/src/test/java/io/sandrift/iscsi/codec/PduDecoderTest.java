package io.sandrift.iscsi.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.codec.PduDecoder.Sender;
import io.sandrift.iscsi.pdu.NopOut;
import io.sandrift.iscsi.pdu.Pdu;
import io.sandrift.iscsi.pdu.ScsiCommand;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PduDecoderTest {

  private static final Digests BOTH = new Digests(true, true);

  private static byte[] nopOut(int dataLength, Digests digests) {
    PduEncoder encoder = new PduEncoder();
    encoder.setDigests(digests);
    ByteBuf bytes = Unpooled.buffer();
    ByteBuf data = Unpooled.buffer();
    for (int i = 0; i < dataLength; i++) {
      data.writeByte(i);
    }
    encoder.encode(bytes, new NopOut(false, 1, 2, -1, 3, 4, data));
    return ByteBufUtil.getBytes(bytes);
  }

  /** A SCSI command with 16 bytes of CDB and the given additional header segments. */
  private static byte[] commandWith(byte[] ahs, int lengthWords) {
    byte[] bytes = new byte[48 + ahs.length];
    bytes[0] = 0x01;
    bytes[1] = (byte) 0xc1;
    bytes[4] = (byte) lengthWords;
    for (int i = 32; i < 48; i++) {
      bytes[i] = (byte) i;
    }
    System.arraycopy(ahs, 0, bytes, 48, ahs.length);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 511, 512})
  void dataArePaddedToWholeWords(int length) {
    assertThat(nopOut(length, Digests.NONE)).hasSize(48 + (length + 3) / 4 * 4);
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      channel.receive(nopOut(length, Digests.NONE));
      assertThat(channel.onlyPdu().data().readableBytes()).isEqualTo(length);
    }
  }

  @Test
  void theDigestIsTheOneOfTheStandard() {
    // RFC 7143 appendix A: 32 bytes of zero have the digest aa 36 91 8a.
    ByteBuf zeros = Unpooled.buffer(36).writeZero(32);
    zeros.writeIntLE(new Crc32c().over(zeros, 0, 32));
    assertThat(ByteBufUtil.hexDump(zeros, 32, 4)).isEqualTo("aa36918a");
  }

  @Test
  void theDigestOfManyPiecesIsTheDigestOfTheWhole() {
    ByteBuf pieces =
        Unpooled.wrappedBuffer(
            Unpooled.directBuffer().writeZero(5),
            Unpooled.buffer().writeZero(20),
            Unpooled.directBuffer().writeZero(7));
    assertThat(new Crc32c().over(pieces, 0, 32))
        .isEqualTo(new Crc32c().over(Unpooled.buffer().writeZero(32), 0, 32));
    pieces.release();
  }

  @Test
  void aDataSegmentOfTheAgreedLengthIsTaken() {
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR, 512, Digests.NONE)) {
      channel.receive(nopOut(512, Digests.NONE));
      assertThat(channel.onlyPdu().data().readableBytes()).isEqualTo(512);
    }
  }

  @Test
  void aByteMoreThanTheAgreedLengthIsNotTaken() {
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR, 512, Digests.NONE)) {
      channel.receive(nopOut(513, Digests.NONE));
      assertThat(channel.onlyFault().kind()).isEqualTo(PduFault.Kind.TOO_LONG);
      assertThat(channel.onlyFault().detail())
          .isEqualTo("a data segment of 513 bytes, where at most 512 were agreed");
    }
  }

  @Test
  void nothingIsReadBehindAFatalFault() {
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR, 512, Digests.NONE)) {
      channel.receive(nopOut(513, Digests.NONE));
      channel.receive(nopOut(4, Digests.NONE));
      assertThat(channel.onlyFault().kind().isFatal()).isTrue();
    }
  }

  @Test
  void aHeaderThatLiesAboutItsLengthHoldsNoMemory() {
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      byte[] header = new byte[48];
      header[5] = (byte) 0xff;
      header[6] = (byte) 0xff;
      header[7] = (byte) 0xff;
      channel.receive(header);
      assertThat(channel.onlyFault().kind()).isEqualTo(PduFault.Kind.TOO_LONG);
      assertThat(channel.bytesHeld()).isZero();
    }
  }

  @Test
  void nothingIsHeldBeyondOneHeaderAndOneSegment() {
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      byte[] pdu = nopOut(DecodingChannel.MAX_DATA, Digests.NONE);
      channel.receive(pdu, 0, pdu.length - 1);
      assertThat(channel.bytesHeld()).isLessThanOrEqualTo(DecodingChannel.MAX_DATA + 48);
    }
  }

  @Test
  void smallDataDoNotHoldLargeReceiveBuffers() {
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      for (int i = 0; i < 100; i++) {
        channel.receiveInBufferOf(64 * 1024, nopOut(16, Digests.NONE));
      }
      assertThat(channel.out()).hasSize(100);
      assertThat(channel.bytesHeld()).isLessThanOrEqualTo(100 * 16 * 16);
    }
  }

  @Test
  void aHeaderThatDoesNotMatchItsDigestIsFatal() {
    byte[] bytes = nopOut(8, BOTH);
    bytes[20] ^= 1;
    try (DecodingChannel channel =
        new DecodingChannel(Sender.INITIATOR, DecodingChannel.MAX_DATA, BOTH)) {
      channel.receive(bytes);
      assertThat(channel.onlyFault().kind()).isEqualTo(PduFault.Kind.HEADER_DIGEST);
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void dataThatDoNotMatchTheirDigestArePassedOver(boolean inParts) {
    byte[] broken = nopOut(9, BOTH);
    broken[56] ^= 1;
    try (DecodingChannel channel =
        new DecodingChannel(Sender.INITIATOR, DecodingChannel.MAX_DATA, BOTH)) {
      int cut = inParts ? 55 : broken.length;
      channel.receive(broken, 0, cut);
      channel.receive(broken, cut, broken.length - cut);
      channel.receive(nopOut(4, BOTH));
      assertThat(channel.out()).hasSize(2);
      assertThat(((PduFault) channel.out().get(0)).kind()).isEqualTo(PduFault.Kind.DATA_DIGEST);
      assertThat(channel.out().get(1)).isInstanceOf(NopOut.class);
    }
  }

  @Test
  void thePaddingIsPartOfWhatTheDigestCovers() {
    byte[] broken = nopOut(9, BOTH);
    broken[48 + 4 + 10] ^= 1;
    try (DecodingChannel channel =
        new DecodingChannel(Sender.INITIATOR, DecodingChannel.MAX_DATA, BOTH)) {
      channel.receive(broken);
      assertThat(channel.onlyFault().kind()).isEqualTo(PduFault.Kind.DATA_DIGEST);
    }
  }

  @Test
  void anUnknownOpcodeIsPassedOver() {
    byte[] unknown = nopOut(6, Digests.NONE);
    unknown[0] = 0x1d;
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      channel.receive(unknown);
      channel.receive(nopOut(4, Digests.NONE));
      assertThat(((PduFault) channel.out().get(0)).kind()).isEqualTo(PduFault.Kind.UNKNOWN_OPCODE);
      assertThat(((PduFault) channel.out().get(0)).header()).startsWith(0x1d).hasSize(48);
      assertThat(channel.out().get(1)).isInstanceOf(NopOut.class);
    }
  }

  @Test
  void aPduOfTheOtherDirectionIsAnUnknownOpcode() {
    try (DecodingChannel channel = new DecodingChannel(Sender.TARGET)) {
      channel.receive(nopOut(0, Digests.NONE));
      assertThat(channel.onlyFault().kind()).isEqualTo(PduFault.Kind.UNKNOWN_OPCODE);
    }
  }

  @Test
  void anImpossibleFieldIsPassedOver() {
    byte[] command = commandWith(new byte[0], 0);
    command[1] = (byte) 0x87;
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      channel.receive(command);
      assertThat(channel.onlyFault().kind()).isEqualTo(PduFault.Kind.INVALID_FIELD);
      assertThat(channel.onlyFault().detail()).isEqualTo("task attribute is 0x7, expected 0 to 4");
    }
  }

  @Test
  void aLongCommandIsPutTogetherFromItsExtension() {
    byte[] ahs = {0, 17, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      channel.receive(commandWith(ahs, 5));
      byte[] cdb = ((ScsiCommand) channel.onlyPdu()).cdb();
      assertThat(cdb).hasSize(32).startsWith(32, 33).endsWith(15, 16);
    }
  }

  @Test
  void theReadLengthOfABidirectionalCommandIsRead() {
    byte[] ahs = {0, 5, 2, 0, 0, 1, 0, 0};
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      channel.receive(commandWith(ahs, 2));
      assertThat(((ScsiCommand) channel.onlyPdu()).bidirectionalReadLength()).isEqualTo(65536);
    }
  }

  @Test
  void theLongestAdditionalHeaderIsTaken() {
    byte[] ahs = new byte[255 * 4];
    ahs[0] = (byte) ((ahs.length - 3) >> 8);
    ahs[1] = (byte) (ahs.length - 3);
    ahs[2] = 1;
    byte[] bytes = commandWith(ahs, 255);
    for (int split : new int[] {0, 1, 47, 48, 49, 52, bytes.length - 1}) {
      try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
        channel.receive(bytes, 0, split);
        channel.receive(bytes, split, bytes.length - split);
        assertThat(((ScsiCommand) channel.onlyPdu()).cdb()).hasSize(16 + ahs.length - 4);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "0, 6", "255, 255"})
  void anAdditionalHeaderThatLiesAboutItsLengthIsPassedOver(int high, int low) {
    byte[] ahs = {(byte) high, (byte) low, 1, 0, 1, 2, 3, 4};
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      channel.receive(commandWith(ahs, 2));
      assertThat(channel.onlyFault().kind()).isEqualTo(PduFault.Kind.INVALID_FIELD);
    }
  }

  @Test
  void theDigestOfAHeaderCoversItsAdditionalSegments() {
    byte[] plain = commandWith(new byte[] {0, 5, 2, 0, 0, 1, 0, 0}, 2);
    ByteBuf bytes = Unpooled.buffer().writeBytes(plain);
    bytes.writeIntLE(new Crc32c().over(bytes, 0, plain.length));
    try (DecodingChannel channel =
        new DecodingChannel(Sender.INITIATOR, DecodingChannel.MAX_DATA, BOTH)) {
      channel.receive(ByteBufUtil.getBytes(bytes));
      assertThat(channel.onlyPdu()).isInstanceOf(ScsiCommand.class);
    }
  }

  @Test
  void whatAPduSharesWithTheReceivedBufferOutlivesTheNextRead() {
    try (DecodingChannel channel = new DecodingChannel(Sender.INITIATOR)) {
      channel.receive(nopOut(4, Digests.NONE));
      channel.receive(nopOut(8, Digests.NONE));
      assertThat(ByteBufUtil.hexDump(((Pdu) channel.out().get(0)).data())).isEqualTo("00010203");
    }
  }
}
