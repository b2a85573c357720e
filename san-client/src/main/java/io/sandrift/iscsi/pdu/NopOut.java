package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * NOP-Out (RFC 7143 clause 11.18): LUN at 8, initiator task tag at 16, target transfer tag at 20,
 * CmdSN at 24, ExpStatSN at 28.
 *
 * @param initiatorTaskTag other than {@link BasicHeader#RESERVED_TAG} asks for a NOP-In with the
 *     same data
 * @param targetTransferTag other than {@link BasicHeader#RESERVED_TAG} answers the target's NOP-In
 */
public record NopOut(
    boolean immediate,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int cmdSn,
    int expStatSn,
    ByteBuf data)
    implements InitiatorPdu {

  @Override
  public Opcode opcode() {
    return Opcode.NOP_OUT;
  }

  static NopOut decode(ByteBuf header, int start, ByteBuf data) {
    return new NopOut(
        BasicHeader.isImmediate(header, start),
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.CMD_SN),
        header.getInt(start + BasicHeader.EXP_STAT_SN),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.NOP_OUT, immediate, BasicHeader.FINAL);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    header.setInt(start + BasicHeader.CMD_SN, cmdSn);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
  }
}
