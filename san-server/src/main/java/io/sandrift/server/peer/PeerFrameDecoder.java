package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Bytes to frames. What is received holds many frames, or a part of a long one. Data are copied to
 * where they belong, into the buffer that the request brought along; where there is none, those
 * that were received whole stay where they are, and the frame holds that memory.
 *
 * <p>Data could be received where they belong directly, once their header has come. That takes more
 * system calls, each for less, and costs more than the copy even for data of 256 KiB.
 *
 * <p>Confined to one event loop. A damaged or impossible frame ends in a {@link
 * MalformedFrameException} through the pipeline, and nothing more is decoded.
 */
final class PeerFrameDecoder extends ChannelInboundHandlerAdapter {

  /** Where the data of a frame go. */
  interface Destination {
    /**
     * A retained slice, {@code length} bytes long and empty, to fill; null for a buffer of the
     * decoder's own.
     */
    @Nullable ByteBuf forData(PeerFrame header, int length);

    /** How many bytes are to come, with headers, as far as is known; 0 or more. */
    default long expectedBytes() {
      return 0;
    }
  }

  private enum State {
    HEADER,
    DATA,
    BROKEN
  }

  /** What is received at a time when nothing is known of what is to come. */
  private static final int LEAST_RECEIVE_BYTES = 64 * 1024;

  /** The longest buffer that Netty pools, with a heap of more than 512 MiB. */
  private static final int MOST_RECEIVE_BYTES = 1 << 20;

  private final Destination destination;
  private final CRC32C crc = new CRC32C();
  private final ByteBuf partialHeader = Unpooled.buffer(PeerFrame.HEADER_BYTES);
  private int maxDataBytes;
  private State state = State.HEADER;
  private @Nullable PeerFrame header;
  private int dataCrc;
  private @Nullable ByteBuf data;

  /**
   * @param maxDataBytes the most data of a frame, at first
   */
  PeerFrameDecoder(Destination destination, int maxDataBytes) {
    this.destination = destination;
    this.maxDataBytes = maxDataBytes;
  }

  /** Accepts so much from the next frame on. */
  void setMaxDataBytes(int bytes) {
    maxDataBytes = bytes;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof ByteBuf received)) {
      ctx.fireChannelRead(message);
      return;
    }
    try {
      while (received.isReadable() && state != State.BROKEN) {
        if (state == State.HEADER) {
          readHeader(ctx, received);
        } else {
          readData(ctx, received);
        }
      }
    } catch (MalformedFrameException e) {
      state = State.BROKEN;
      throw e;
    } finally {
      received.release();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    stop();
    super.channelInactive(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    stop();
  }

  /** From now on nothing is decoded, and no {@link Destination}'s memory is written to. */
  void stop() {
    state = State.BROKEN;
    if (data != null) {
      data.release();
      data = null;
    }
  }

  private void readHeader(ChannelHandlerContext ctx, ByteBuf received) {
    if (!partialHeader.isReadable() && received.readableBytes() >= PeerFrame.HEADER_BYTES) {
      int start = received.readerIndex();
      received.skipBytes(PeerFrame.HEADER_BYTES);
      headerComplete(ctx, received, start, received);
      return;
    }
    int missing = PeerFrame.HEADER_BYTES - partialHeader.readableBytes();
    partialHeader.writeBytes(received, Math.min(missing, received.readableBytes()));
    if (partialHeader.readableBytes() == PeerFrame.HEADER_BYTES) {
      headerComplete(ctx, partialHeader, 0, received);
      partialHeader.clear();
    }
  }

  private void headerComplete(
      ChannelHandlerContext ctx, ByteBuf buffer, int start, ByteBuf received) {
    PeerFrame frame = PeerFrame.header(buffer, start, crc);
    int length = PeerFrame.dataLength(buffer, start);
    dataCrc = PeerFrame.dataCrc(buffer, start);
    if (length < 0 || length > maxDataBytes) {
      throw new MalformedFrameException(
          length + " bytes of data, where " + maxDataBytes + " are the limit");
    }
    if (length == 0) {
      ctx.fireChannelRead(frame);
      return;
    }
    ByteBuf wanted = destination.forData(frame, length);
    if (wanted == null && received.readableBytes() >= length) {
      ByteBuf slice = received.readRetainedSlice(length);
      emit(ctx, frame, slice);
      return;
    }
    header = frame;
    data = wanted != null ? wanted : ctx.alloc().directBuffer(length, length);
    state = State.DATA;
    if (received.isReadable()) {
      readData(ctx, received);
    }
  }

  private void readData(ChannelHandlerContext ctx, ByteBuf received) {
    ByteBuf filling = data;
    PeerFrame frame = header;
    if (filling == null || frame == null) {
      throw new IllegalStateException("no data are expected");
    }
    int part = Math.min(filling.writableBytes(), received.readableBytes());
    filling.writeBytes(received, part);
    if (!filling.isWritable()) {
      data = null;
      header = null;
      state = State.HEADER;
      emit(ctx, frame, filling);
    }
  }

  private void emit(ChannelHandlerContext ctx, PeerFrame frame, ByteBuf itsData) {
    if (PeerFrame.digest(crc, itsData, itsData.readerIndex(), itsData.readableBytes()) != dataCrc) {
      itsData.release();
      throw new MalformedFrameException("data don't match their digest");
    }
    ctx.fireChannelRead(frame.with(itsData));
  }

  /**
   * Has the channel's socket receive all that is to come with one system call, as far as its length
   * is known, and up to 1 MiB. For a channel whose first handler this is: what TLS decrypts comes
   * another way.
   */
  void sizeReceives(Channel channel) {
    channel.config().setRecvByteBufAllocator(new ReceiveAllocator());
  }

  private int receiveBytes() {
    int missing = data == null ? 0 : data.writableBytes();
    long expected = Math.max(destination.expectedBytes(), missing + PeerFrame.HEADER_BYTES);
    return (int) Math.min(Math.max(expected, LEAST_RECEIVE_BYTES), MOST_RECEIVE_BYTES);
  }

  /** See {@link #sizeReceives}. */
  private final class ReceiveAllocator extends DefaultMaxMessagesRecvByteBufAllocator {

    @Override
    @SuppressWarnings(
        "deprecation") // RecvByteBufAllocator.newHandle returns its deprecated base type
    public Handle newHandle() {
      return new MaxMessageHandle() {
        @Override
        public int guess() {
          return receiveBytes();
        }
      };
    }
  }
}
