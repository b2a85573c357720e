package io.sandrift.iscsi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.InitiatorPdu;
import io.sandrift.iscsi.pdu.MalformedPduException;
import io.sandrift.iscsi.pdu.Pdu;
import io.sandrift.iscsi.pdu.TargetPdu;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a connection's bytes into {@link Pdu}s, and what can't be read into {@link PduFault}s, for
 * the handlers behind it.
 *
 * <p>A PDU that lies whole in one received buffer shares that buffer's memory. A larger one gets a
 * buffer of its own, and a {@link PduReceiveAllocator} lets the socket fill that directly, so that
 * its bytes are copied once, by the kernel.
 *
 * <p>Confined to its event loop. How much it holds is bounded: one header, and one data segment of
 * the agreed length.
 */
public final class PduDecoder extends ChannelInboundHandlerAdapter {

  /** Which side's PDUs a decoder reads. */
  public enum Sender {
    INITIATOR,
    TARGET
  }

  private enum State {
    HEADER,
    DATA,
    BROKEN
  }

  private static final int MAX_HEADER =
      BasicHeader.BYTES + BasicHeader.MAX_AHS_BYTES + Digests.BYTES;

  /** How many bytes a PDU may hold for each byte of its data. */
  private static final int MAX_HELD_RATIO = 16;

  private final Sender sender;
  private final Crc32c crc = new Crc32c();
  private Digests digests = Digests.NONE;
  private int maxDataSegmentLength;

  private State state = State.HEADER;

  /** The part of a header that has come so far, when its end hasn't; allocated while that is so. */
  private @Nullable ByteBuf partialHeader;

  /**
   * The header of the PDU whose data are being received, and those data; both set in state DATA
   * only.
   */
  private @Nullable ByteBuf header;

  private @Nullable ByteBuf body;

  /**
   * @param maxDataSegmentLength the longest data segment to be accepted, in bytes; a longer one is
   *     a {@link PduFault.Kind#TOO_LONG}
   */
  public PduDecoder(Sender sender, int maxDataSegmentLength) {
    this.sender = sender;
    this.maxDataSegmentLength = maxDataSegmentLength;
  }

  /**
   * Expects these digests from the next PDU on. To be called on the event loop, between two PDUs.
   */
  public void setDigests(Digests digests) {
    this.digests = digests;
  }

  /** Accepts data segments of this length from the next PDU on. To be called on the event loop. */
  public void setMaxDataSegmentLength(int maxDataSegmentLength) {
    this.maxDataSegmentLength = maxDataSegmentLength;
  }

  /**
   * The buffer that the rest of the data segment under way belongs in, from its writer index on;
   * null between PDUs. For {@link PduReceiveAllocator}.
   */
  @Nullable ByteBuf body() {
    return body;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf received)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      decode(ctx, received);
    } finally {
      received.release();
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    state = State.BROKEN;
    dropPartial();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    state = State.BROKEN;
    dropPartial();
    super.channelInactive(ctx);
  }

  private void decode(ChannelHandlerContext ctx, ByteBuf received) {
    while (received.isReadable()) {
      switch (state) {
        case HEADER -> readHeader(ctx, received);
        case DATA -> readData(ctx, received);
        case BROKEN -> {
          return;
        }
      }
    }
  }

  private void readHeader(ChannelHandlerContext ctx, ByteBuf received) {
    if (partialHeader == null) {
      int start = received.readerIndex();
      int length = headerLength(received, start, received.readableBytes());
      if (length > 0) {
        received.skipBytes(length);
        headerComplete(ctx, received, start, received);
        return;
      }
      partialHeader = ctx.alloc().buffer(BasicHeader.BYTES + Digests.BYTES, MAX_HEADER);
    }
    // First as far as the lengths can be read, then as far as they say.
    ByteBuf partial = partialHeader;
    int wanted =
        partial.readableBytes() < BasicHeader.BYTES
            ? BasicHeader.BYTES
            : BasicHeader.BYTES + BasicHeader.ahsLength(partial, 0) + digests.headerBytes();
    partial.writeBytes(
        received, Math.min(wanted - partial.readableBytes(), received.readableBytes()));
    if (headerLength(partial, 0, partial.readableBytes()) > 0) {
      partialHeader = null;
      try {
        headerComplete(ctx, partial, 0, received);
      } finally {
        partial.release();
      }
    }
  }

  /**
   * The whole header's length with its digest, or 0 when {@code available} bytes don't hold it all.
   */
  private int headerLength(ByteBuf buffer, int start, int available) {
    if (available < BasicHeader.BYTES) {
      return 0;
    }
    int length = BasicHeader.BYTES + BasicHeader.ahsLength(buffer, start) + digests.headerBytes();
    return available < length ? 0 : length;
  }

  private void headerComplete(
      ChannelHandlerContext ctx, ByteBuf buffer, int start, ByteBuf received) {
    int ahsLength = BasicHeader.ahsLength(buffer, start);
    int covered = BasicHeader.BYTES + ahsLength;
    if (digests.header() && crc.over(buffer, start, covered) != buffer.getIntLE(start + covered)) {
      fail(ctx, PduFault.Kind.HEADER_DIGEST, "the header does not match its digest", buffer, start);
      return;
    }
    int dataLength = BasicHeader.dataSegmentLength(buffer, start);
    if (dataLength > maxDataSegmentLength) {
      fail(
          ctx,
          PduFault.Kind.TOO_LONG,
          "a data segment of "
              + dataLength
              + " bytes, where at most "
              + maxDataSegmentLength
              + " were agreed",
          buffer,
          start);
      return;
    }
    if (dataLength == 0) {
      emit(ctx, buffer, start, ahsLength, Unpooled.EMPTY_BUFFER);
      return;
    }
    int bodyLength = bodyLength(dataLength);
    if (received.readableBytes() >= bodyLength) {
      int dataStart = received.readerIndex();
      received.skipBytes(bodyLength);
      if (dataDigestMatches(received, dataStart, dataLength)) {
        emit(ctx, buffer, start, ahsLength, part(ctx, received, dataStart, dataLength));
      } else {
        fail(ctx, PduFault.Kind.DATA_DIGEST, "the data do not match their digest", buffer, start);
      }
      return;
    }
    header = ctx.alloc().buffer(covered).writeBytes(buffer, start, covered);
    body = ctx.alloc().directBuffer(bodyLength, bodyLength);
    state = State.DATA;
  }

  private void readData(ChannelHandlerContext ctx, ByteBuf received) {
    ByteBuf whole = Objects.requireNonNull(body);
    int length = Math.min(whole.writableBytes(), received.readableBytes());
    if (PduReceiveAllocator.isPartOf(whole, received)) {
      received.skipBytes(length);
      whole.writerIndex(whole.writerIndex() + length);
    } else {
      whole.writeBytes(received, length);
    }
    if (whole.isWritable()) {
      return;
    }
    ByteBuf of = Objects.requireNonNull(header);
    header = null;
    body = null;
    state = State.HEADER;
    try {
      int dataLength = BasicHeader.dataSegmentLength(of, 0);
      if (dataDigestMatches(whole, 0, dataLength)) {
        emit(
            ctx, of, 0, of.readableBytes() - BasicHeader.BYTES, whole.retainedSlice(0, dataLength));
      } else {
        fail(ctx, PduFault.Kind.DATA_DIGEST, "the data do not match their digest", of, 0);
      }
    } finally {
      of.release();
      whole.release();
    }
  }

  /**
   * A data segment out of a received buffer. A slice keeps the whole buffer alive, so what is small
   * beside it is copied: else a peer could have a byte hold 64 KiB for as long as its command
   * waits.
   */
  private static ByteBuf part(
      ChannelHandlerContext ctx, ByteBuf received, int dataStart, int dataLength) {
    return dataLength * MAX_HELD_RATIO < received.capacity()
        ? ctx.alloc().buffer(dataLength, dataLength).writeBytes(received, dataStart, dataLength)
        : received.retainedSlice(dataStart, dataLength);
  }

  private int bodyLength(int dataLength) {
    return dataLength + PduEncoder.padding(dataLength) + digests.dataBytes(dataLength);
  }

  private boolean dataDigestMatches(ByteBuf buffer, int dataStart, int dataLength) {
    if (!digests.data()) {
      return true;
    }
    int covered = dataLength + PduEncoder.padding(dataLength);
    return crc.over(buffer, dataStart, covered) == buffer.getIntLE(dataStart + covered);
  }

  private void emit(
      ChannelHandlerContext ctx, ByteBuf buffer, int start, int ahsLength, ByteBuf data) {
    Pdu pdu;
    try {
      pdu =
          sender == Sender.INITIATOR
              ? InitiatorPdu.decode(buffer, start, ahsLength, data)
              : TargetPdu.decode(buffer, start, ahsLength, data);
    } catch (MalformedPduException e) {
      data.release();
      PduFault.Kind kind =
          e.isUnknownOpcode() ? PduFault.Kind.UNKNOWN_OPCODE : PduFault.Kind.INVALID_FIELD;
      fail(ctx, kind, String.valueOf(e.getMessage()), buffer, start);
      return;
    }
    ctx.fireChannelRead(pdu);
  }

  private void fail(
      ChannelHandlerContext ctx, PduFault.Kind kind, String detail, ByteBuf buffer, int start) {
    byte[] copy = new byte[BasicHeader.BYTES];
    buffer.getBytes(start, copy);
    if (kind.isFatal()) {
      state = State.BROKEN;
    }
    ctx.fireChannelRead(new PduFault(kind, detail, copy));
  }

  private void dropPartial() {
    if (partialHeader != null) {
      partialHeader.release();
      partialHeader = null;
    }
    if (header != null) {
      header.release();
      header = null;
    }
    if (body != null) {
      body.release();
      body = null;
    }
  }
}
