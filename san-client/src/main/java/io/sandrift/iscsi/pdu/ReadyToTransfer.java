package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Ready To Transfer, R2T (RFC 7143 clause 11.8).
 *
 * <pre>
 *  8  LUN    16 initiator task tag    20 target transfer tag    24 StatSN (the next one, not consumed)
 * 28  ExpCmdSN    32 MaxCmdSN         36 R2TSN    40 buffer offset    44 desired data transfer length
 * </pre>
 */
public record ReadyToTransfer(
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int r2tSn,
    long bufferOffset,
    long desiredLength)
    implements TargetPdu {

  private static final int R2T_SN = 36;
  private static final int BUFFER_OFFSET = 40;
  private static final int DESIRED_LENGTH = 44;

  @Override
  public Opcode opcode() {
    return Opcode.R2T;
  }

  static ReadyToTransfer decode(ByteBuf header, int start, ByteBuf data) {
    data.release();
    return new ReadyToTransfer(
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        header.getInt(start + R2T_SN),
        header.getUnsignedInt(start + BUFFER_OFFSET),
        header.getUnsignedInt(start + DESIRED_LENGTH));
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.R2T, false, BasicHeader.FINAL);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
    header.setInt(start + R2T_SN, r2tSn);
    header.setInt(start + BUFFER_OFFSET, (int) bufferOffset);
    header.setInt(start + DESIRED_LENGTH, (int) desiredLength);
  }
}
