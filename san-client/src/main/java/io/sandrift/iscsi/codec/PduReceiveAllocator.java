package io.sandrift.iscsi.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Gives a socket the buffer to read into: the rest of the data segment that its {@link PduDecoder}
 * is receiving, when that is long; else a fresh buffer of a fixed size, large enough for a batch of
 * small PDUs.
 *
 * <p>One object serves one connection.
 */
public final class PduReceiveAllocator extends DefaultMaxMessagesRecvByteBufAllocator {

  /** Below this, copying the rest of a data segment costs less than a read of its own. */
  private static final int DIRECT_THRESHOLD = 16 * 1024;

  private final PduDecoder decoder;
  private volatile int batchBytes;

  /**
   * @param batchBytes the size of a fresh buffer
   */
  public PduReceiveAllocator(PduDecoder decoder, int batchBytes) {
    this.decoder = decoder;
    this.batchBytes = batchBytes;
  }

  /** Has fresh buffers be of this size from the next read on. */
  public void setBatchBytes(int batchBytes) {
    this.batchBytes = batchBytes;
  }

  /**
   * Whether {@code received} is the very memory of {@code body} that comes next, filled by the
   * socket.
   */
  static boolean isPartOf(ByteBuf body, ByteBuf received) {
    return received.hasMemoryAddress()
        && received.isReadable()
        && received.memoryAddress() + received.readerIndex()
            == body.memoryAddress() + body.writerIndex();
  }

  @Override
  @SuppressWarnings(
      "deprecation") // RecvByteBufAllocator.newHandle returns its deprecated base type
  public Handle newHandle() {
    return new PduHandle();
  }

  private final class PduHandle extends MaxMessageHandle {

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      @Nullable ByteBuf body = decoder.body();
      if (body != null && body.writableBytes() >= DIRECT_THRESHOLD && body.hasMemoryAddress()) {
        return body.retainedSlice(body.writerIndex(), body.writableBytes()).clear();
      }
      int bytes = batchBytes;
      return allocator.directBuffer(bytes, bytes);
    }

    @Override
    public int guess() {
      return batchBytes;
    }
  }
}
