package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.util.zip.CRC32C;

/**
 * Frames to bytes, on one channel. What is sent within one turn of the event loop goes out in one
 * system call. Confined to the channel's event loop.
 */
final class FrameSender {

  private final Channel channel;
  private final CRC32C crc = new CRC32C();
  private boolean isFlushScheduled;

  FrameSender(Channel channel) {
    this.channel = channel;
  }

  /** Sends a frame, and takes the reference to its data. */
  void send(PeerFrame frame) {
    ByteBuf data = frame.data();
    int length = data.readableBytes();
    int dataCrc = length == 0 ? 0 : PeerFrame.digest(crc, data, data.readerIndex(), length);
    ByteBuf header = channel.alloc().directBuffer(PeerFrame.HEADER_BYTES, PeerFrame.HEADER_BYTES);
    frame.putHeader(header, 0, length, dataCrc, crc);
    header.writerIndex(PeerFrame.HEADER_BYTES);
    channel.write(header, channel.voidPromise());
    if (length > 0) {
      channel.write(data, channel.voidPromise());
    } else {
      data.release();
    }
    if (!isFlushScheduled) {
      isFlushScheduled = true;
      channel.eventLoop().execute(this::flush);
    }
  }

  void flush() {
    isFlushScheduled = false;
    channel.flush();
  }
}
