package io.sandrift.iscsi.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.codec.PduDecoder.Sender;
import io.sandrift.iscsi.pdu.Pdu;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class PduRoundTripTest {

  /** PDUs of one side, one after another. */
  record Stream(Sender sender, List<Pdu> pdus) {

    byte[] encode(Digests digests) {
      PduEncoder encoder = new PduEncoder();
      encoder.setDigests(digests);
      ByteBuf bytes = Unpooled.buffer();
      for (Pdu pdu : pdus) {
        int before = bytes.writerIndex();
        encoder.encode(bytes, pdu);
        assertThat(bytes.writerIndex() - before)
            .isEqualTo(encoder.sizeOf(pdu.data().readableBytes()));
      }
      return ByteBufUtil.getBytes(bytes);
    }

    void assertSame(List<Object> decoded) {
      assertThat(decoded).hasSameSizeAs(pdus);
      for (int i = 0; i < pdus.size(); i++) {
        AnyPdu.assertSame(pdus.get(i), (Pdu) decoded.get(i));
      }
    }
  }

  @Property(tries = 600)
  void everyPduIsReadAsItWasWritten(
      @ForAll("streams") Stream stream, @ForAll("digests") Digests digests) {
    try (DecodingChannel channel =
        new DecodingChannel(stream.sender(), DecodingChannel.MAX_DATA, digests)) {
      channel.receive(stream.encode(digests));
      stream.assertSame(channel.out());
    }
  }

  @Property(tries = 60)
  void aStreamMayBeSplitAnywhere(
      @ForAll("streams") Stream stream, @ForAll("digests") Digests digests) {
    byte[] bytes = stream.encode(digests);
    for (int split = 0; split <= bytes.length; split++) {
      try (DecodingChannel channel =
          new DecodingChannel(stream.sender(), DecodingChannel.MAX_DATA, digests)) {
        channel.receive(bytes, 0, split);
        channel.receive(bytes, split, bytes.length - split);
        stream.assertSame(channel.out());
      }
    }
  }

  @Property(tries = 150)
  void aStreamMayComeByteByByte(
      @ForAll("streams") Stream stream, @ForAll("digests") Digests digests) {
    byte[] bytes = stream.encode(digests);
    try (DecodingChannel channel =
        new DecodingChannel(stream.sender(), DecodingChannel.MAX_DATA, digests)) {
      for (int i = 0; i < bytes.length; i++) {
        channel.receive(bytes, i, 1);
      }
      stream.assertSame(channel.out());
    }
  }

  @Property(tries = 100)
  void aConnectionMayEndAnywhere(
      @ForAll("streams") Stream stream, @ForAll("digests") Digests digests) {
    byte[] bytes = stream.encode(digests);
    for (int end = 0; end < bytes.length; end += 7) {
      try (DecodingChannel channel =
          new DecodingChannel(stream.sender(), DecodingChannel.MAX_DATA, digests)) {
        channel.receive(bytes, 0, end);
        assertThat(channel.out().size()).isLessThan(stream.pdus().size());
      }
    }
  }

  @Provide
  Arbitrary<Stream> streams() {
    return Arbitraries.of(Sender.values())
        .flatMap(
            sender ->
                AnyPdu.of(sender)
                    .list()
                    .ofMinSize(1)
                    .ofMaxSize(4)
                    .map(pdus -> new Stream(sender, pdus)));
  }

  @Provide
  Arbitrary<Digests> digests() {
    Arbitrary<Boolean> either = Arbitraries.of(true, false);
    return Combinators.combine(either, either).as(Digests::new);
  }
}
