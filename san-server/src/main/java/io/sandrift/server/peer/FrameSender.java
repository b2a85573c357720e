package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Frames to bytes, on one channel. What is sent within one turn of the event loop goes out in one
 * system call, or in several when it is long, and headers that follow each other in one buffer.
 * Confined to the channel's event loop.
 */
final class FrameSender {

  /**
   * So much goes out at once: the other side takes it while the next is being read, and from the
   * processor's cache.
   */
  private static final int EAGER_BYTES = 256 * 1024;

  /** The headers of as many requests as an initiator usually has under way. */
  private static final int HEADERS_BYTES = 40 * PeerFrame.HEADER_BYTES;

  private final Channel channel;
  private final CRC32C crc = new CRC32C();

  /** What is readable of them has not been written to the channel; null between turns. */
  private @Nullable ByteBuf headers;

  /** Data that this turn has left to the channel. */
  private int unflushedBytes;

  private boolean isFlushScheduled;

  FrameSender(Channel channel) {
    this.channel = channel;
  }

  /** Sends a frame, and takes the reference to its data. */
  void send(PeerFrame frame) {
    ByteBuf data = frame.data();
    int length = data.readableBytes();
    ByteBuf header = roomForHeader();
    putHeader(frame, header, header.writerIndex());
    header.writerIndex(header.writerIndex() + PeerFrame.HEADER_BYTES);
    if (length > 0) {
      channel.write(header.readRetainedSlice(header.readableBytes()), channel.voidPromise());
      channel.write(data, channel.voidPromise());
    } else {
      data.release();
    }
    flushSoon(length);
  }

  /**
   * Sends a frame whose data have {@link PeerFrame#HEADER_BYTES} before them in their buffer that
   * nobody else uses, as one piece; takes the reference to them.
   */
  void sendInPlace(PeerFrame frame) {
    ByteBuf data = frame.data();
    int start = data.readerIndex() - PeerFrame.HEADER_BYTES;
    int length = data.readableBytes();
    putHeader(frame, data, start);
    shipHeaders();
    channel.write(data.readerIndex(start), channel.voidPromise());
    flushSoon(length);
  }

  private void putHeader(PeerFrame frame, ByteBuf out, int index) {
    ByteBuf data = frame.data();
    int length = data.readableBytes();
    int dataCrc = length == 0 ? 0 : PeerFrame.digest(crc, data, data.readerIndex(), length);
    frame.putHeader(out, index, length, dataCrc, crc);
  }

  private ByteBuf roomForHeader() {
    if (headers != null && headers.writableBytes() < PeerFrame.HEADER_BYTES) {
      shipHeaders();
    }
    if (headers == null) {
      headers = channel.alloc().directBuffer(HEADERS_BYTES, HEADERS_BYTES);
    }
    return headers;
  }

  /** Everything before goes first. */
  private void shipHeaders() {
    ByteBuf all = headers;
    if (all != null) {
      headers = null;
      if (all.isReadable()) {
        channel.write(all, channel.voidPromise());
      } else {
        all.release();
      }
    }
  }

  private void flushSoon(int length) {
    unflushedBytes += length;
    if (unflushedBytes >= EAGER_BYTES) {
      flush();
    } else if (!isFlushScheduled) {
      isFlushScheduled = true;
      channel
          .eventLoop()
          .execute(
              () -> {
                isFlushScheduled = false;
                flush();
              });
    }
  }

  private void flush() {
    unflushedBytes = 0;
    shipHeaders();
    channel.flush();
  }
}
