package io.sandrift.server.login;

import io.netty.buffer.ByteBuf;

/** What to do after a text request. */
public sealed interface TextStep {

  /**
   * Send a text response with these fields.
   *
   * @param last the F bit: the exchange is over
   * @param more the C bit: the text goes on in the next response
   * @param targetTransferTag for the initiator to go on with, or the reserved tag when it is over
   * @param data belong to whoever takes the step
   */
  record Reply(boolean last, boolean more, int targetTransferTag, ByteBuf data)
      implements TextStep {}

  /**
   * Send a Reject. The exchange is over.
   *
   * @param reason one of {@link io.sandrift.iscsi.pdu.Reject}'s
   * @param detail for the log
   */
  record Refused(int reason, String detail) implements TextStep {}
}
