package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * SNACK Request (RFC 7143 clause 11.16): a request to send again. At error recovery level 0 a
 * target only rejects it, so this record keeps no more than that takes.
 *
 * @param type 0 to 15 (bits 3-0 of byte 1)
 */
public record SnackRequest(
    int type,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int expStatSn,
    int begRun,
    int runLength)
    implements InitiatorPdu {

  private static final int BEG_RUN = 40;
  private static final int RUN_LENGTH = 44;

  @Override
  public Opcode opcode() {
    return Opcode.SNACK_REQUEST;
  }

  static SnackRequest decode(ByteBuf header, int start, ByteBuf data) {
    data.release();
    return new SnackRequest(
        header.getByte(start + BasicHeader.FLAGS) & 0x0f,
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.EXP_STAT_SN),
        header.getInt(start + BEG_RUN),
        header.getInt(start + RUN_LENGTH));
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.SNACK_REQUEST, false, BasicHeader.FINAL | type);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
    header.setInt(start + BEG_RUN, begRun);
    header.setInt(start + RUN_LENGTH, runLength);
  }
}
