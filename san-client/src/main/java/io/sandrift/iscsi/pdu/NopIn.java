package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * NOP-In (RFC 7143 clause 11.19): laid out as {@link NopOut}, with StatSN, ExpCmdSN and MaxCmdSN
 * from 24.
 *
 * @param initiatorTaskTag the NOP-Out that it answers, or {@link BasicHeader#RESERVED_TAG}
 * @param targetTransferTag other than {@link BasicHeader#RESERVED_TAG} asks for a NOP-Out
 */
public record NopIn(
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    ByteBuf data)
    implements TargetPdu {

  @Override
  public Opcode opcode() {
    return Opcode.NOP_IN;
  }

  static NopIn decode(ByteBuf header, int start, ByteBuf data) {
    return new NopIn(
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.NOP_IN, false, BasicHeader.FINAL);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
  }
}
