package io.sandrift.iscsi.codec;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The digest that RFC 7143 clause 13.1 calls CRC32C. The JDK's own uses the processor's
 * instruction. One object serves one thread.
 */
final class Crc32c {

  private final CRC32C crc = new CRC32C();

  /**
   * The digest over {@code length} bytes, as the integer that {@link ByteBuf#getIntLE} reads off
   * the wire.
   */
  int over(ByteBuf buffer, int index, int length) {
    crc.reset();
    if (buffer.nioBufferCount() == 1) {
      crc.update(buffer.internalNioBuffer(index, length));
    } else {
      for (ByteBuffer part : buffer.nioBuffers(index, length)) {
        crc.update(part);
      }
    }
    return (int) crc.getValue();
  }
}
