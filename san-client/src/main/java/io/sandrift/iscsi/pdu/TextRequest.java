package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Text Request (RFC 7143 clause 11.10): flags F and C at 1, LUN at 8, initiator task tag at 16,
 * target transfer tag at 20, CmdSN at 24, ExpStatSN at 28; the data segment is {@code key=value}
 * pairs.
 *
 * @param last the initiator has no more to say (the F bit)
 * @param more the text goes on in the next request (the C bit)
 */
public record TextRequest(
    boolean immediate,
    boolean last,
    boolean more,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int cmdSn,
    int expStatSn,
    ByteBuf data)
    implements InitiatorPdu {

  static final int CONTINUE = 0x40;

  @Override
  public Opcode opcode() {
    return Opcode.TEXT_REQUEST;
  }

  static TextRequest decode(ByteBuf header, int start, ByteBuf data) {
    return new TextRequest(
        BasicHeader.isImmediate(header, start),
        BasicHeader.isFinal(header, start),
        (header.getByte(start + BasicHeader.FLAGS) & CONTINUE) != 0,
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.CMD_SN),
        header.getInt(start + BasicHeader.EXP_STAT_SN),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header,
        start,
        Opcode.TEXT_REQUEST,
        immediate,
        (last ? BasicHeader.FINAL : 0) | (more ? CONTINUE : 0));
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    header.setInt(start + BasicHeader.CMD_SN, cmdSn);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
  }
}
