package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** One protocol data unit. */
public sealed interface Pdu permits InitiatorPdu, TargetPdu {

  Opcode opcode();

  /**
   * The tag that ties requests and responses of one task together; {@link BasicHeader#RESERVED_TAG}
   * for none.
   */
  int initiatorTaskTag();

  /**
   * The data segment, without padding; this PDU owns the one reference. Empty when there is none.
   */
  default ByteBuf data() {
    return Unpooled.EMPTY_BUFFER;
  }

  /**
   * Writes the 48 bytes of the basic header at {@code start}, all but the lengths. The buffer's
   * indices stay.
   */
  void encodeHeader(ByteBuf header, int start);

  /** Lets the data segment go. Call once, by whoever consumes the PDU. */
  default void release() {
    data().release();
  }
}
