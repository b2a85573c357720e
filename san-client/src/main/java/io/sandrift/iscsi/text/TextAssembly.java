package io.sandrift.iscsi.text;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;

/**
 * One text that comes in several PDUs, tied together by their C bit (RFC 7143 clause 6.2: a pair
 * may be cut anywhere). Owned by one connection's thread. Holds at most {@link
 * TextLimits#maxBytes}.
 */
public final class TextAssembly {

  private final TextLimits limits;
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream();

  public TextAssembly(TextLimits limits) {
    this.limits = limits;
  }

  /**
   * Takes a data segment's bytes.
   *
   * @param part its indices and reference stay the caller's
   * @throws MalformedTextException when the whole would be too long; nothing was taken then
   */
  public void add(ByteBuf part) throws MalformedTextException {
    int total = collected.size() + part.readableBytes();
    if (total > limits.maxBytes()) {
      throw new MalformedTextException(
          "a text of %d bytes or more, where at most %d are taken"
              .formatted(total, limits.maxBytes()));
    }
    byte[] bytes = new byte[part.readableBytes()];
    part.getBytes(part.readerIndex(), bytes);
    collected.writeBytes(bytes);
  }

  /** Reads what has come as a negotiation's text, and is empty again afterwards. */
  public TextPairs complete() throws MalformedTextException {
    return TextPairs.parse(take(), limits);
  }

  /** As {@link #complete}, for a text in which keys may repeat. */
  public TextPairs completeRepeating() throws MalformedTextException {
    return TextPairs.parseRepeating(take(), limits);
  }

  /** Forgets what has come. */
  public void clear() {
    collected.reset();
  }

  /** Whether nothing has come yet. */
  public boolean isEmpty() {
    return collected.size() == 0;
  }

  private ByteBuf take() {
    ByteBuf whole = Unpooled.wrappedBuffer(collected.toByteArray());
    collected.reset();
    return whole;
  }
}
