package io.sandrift.iscsi.codec;

import io.netty.buffer.ByteBuf;
import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.Pdu;

/**
 * Writes PDUs into buffers, with the digests of one connection. Not safe for two threads at once.
 *
 * <p>A caller that has the data segment elsewhere calls {@link #encode}. One that wants to put the
 * data straight where it is sent from calls {@link #begin}, fills the room that it leaves, and
 * calls {@link #end}:
 *
 * <pre>
 *   begin ─┐                           end ─┐
 *   | BHS 48 | header digest | data segment | padding | data digest |
 * </pre>
 */
public final class PduEncoder {

  private final Crc32c crc = new Crc32c();
  private Digests digests = Digests.NONE;

  /** Uses these digests from the next PDU on. */
  public void setDigests(Digests digests) {
    this.digests = digests;
  }

  /** How many bytes a PDU with {@code dataLength} bytes of data takes. */
  public int sizeOf(int dataLength) {
    return headerSize() + dataLength + trailerSize(dataLength);
  }

  /** How many bytes come before the data segment. */
  public int headerSize() {
    return BasicHeader.BYTES + digests.headerBytes();
  }

  /** How many bytes follow the data segment: padding and digest. */
  public int trailerSize(int dataLength) {
    return padding(dataLength) + digests.dataBytes(dataLength);
  }

  /**
   * Writes the header at the writer index, which moves past it.
   *
   * @return the index at which {@code dataLength} bytes of data belong
   */
  public int begin(ByteBuf out, Pdu pdu, int dataLength) {
    int start = out.writerIndex();
    out.ensureWritable(headerSize());
    writeHeader(out, start, pdu, dataLength);
    out.writerIndex(start + headerSize());
    return out.writerIndex();
  }

  /**
   * Writes the header at {@code start}, which must have room for {@link #headerSize} bytes; the
   * buffer's indices stay. For room that was set aside before its PDU was known.
   */
  public void writeHeader(ByteBuf out, int start, Pdu pdu, int dataLength) {
    pdu.encodeHeader(out, start);
    BasicHeader.setLengths(out, start, 0, dataLength);
    if (digests.header()) {
      out.setIntLE(start + BasicHeader.BYTES, crc.over(out, start, BasicHeader.BYTES));
    }
  }

  /**
   * Closes a PDU whose {@code dataLength} bytes of data stand at {@code dataStart}: writes padding
   * and digest behind them and sets the writer index behind those.
   */
  public void end(ByteBuf out, int dataStart, int dataLength) {
    out.writerIndex(dataStart + dataLength);
    out.ensureWritable(trailerSize(dataLength));
    writeTrailer(out, dataStart, dataLength);
    out.writerIndex(dataStart + dataLength + trailerSize(dataLength));
  }

  /**
   * Writes padding and digest behind the data at {@code dataStart}, in room set aside; the buffer's
   * indices stay.
   */
  public void writeTrailer(ByteBuf out, int dataStart, int dataLength) {
    int padding = padding(dataLength);
    int dataEnd = dataStart + dataLength;
    for (int i = 0; i < padding; i++) {
      out.setByte(dataEnd + i, 0);
    }
    if (digests.dataBytes(dataLength) > 0) {
      // The padding is part of what the digest covers.
      out.setIntLE(dataEnd + padding, crc.over(out, dataStart, dataLength + padding));
    }
  }

  /** Writes a whole PDU at the writer index, copying its data segment. The PDU is not released. */
  public void encode(ByteBuf out, Pdu pdu) {
    ByteBuf data = pdu.data();
    int dataLength = data.readableBytes();
    out.ensureWritable(sizeOf(dataLength));
    int dataStart = begin(out, pdu, dataLength);
    out.setBytes(dataStart, data, data.readerIndex(), dataLength);
    end(out, dataStart, dataLength);
  }

  static int padding(int dataLength) {
    return -dataLength & 3;
  }
}
