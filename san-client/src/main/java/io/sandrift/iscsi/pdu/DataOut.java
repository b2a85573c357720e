package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * SCSI Data-Out (RFC 7143 clause 11.7).
 *
 * <pre>
 *  1  F    8 LUN    16 initiator task tag    20 target transfer tag    28 ExpStatSN
 * 36  DataSN       40 buffer offset
 * </pre>
 *
 * @param last the last PDU of its sequence
 * @param targetTransferTag the R2T that it answers, or {@link BasicHeader#RESERVED_TAG} when it is
 *     unsolicited
 * @param bufferOffset where the data lie in the whole transfer, 0 to 4,294,967,295
 */
public record DataOut(
    boolean last,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int expStatSn,
    int dataSn,
    long bufferOffset,
    ByteBuf data)
    implements InitiatorPdu {

  private static final int DATA_SN = 36;
  private static final int BUFFER_OFFSET = 40;

  @Override
  public Opcode opcode() {
    return Opcode.DATA_OUT;
  }

  static DataOut decode(ByteBuf header, int start, ByteBuf data) {
    return new DataOut(
        BasicHeader.isFinal(header, start),
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.EXP_STAT_SN),
        header.getInt(start + DATA_SN),
        header.getUnsignedInt(start + BUFFER_OFFSET),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.DATA_OUT, false, last ? BasicHeader.FINAL : 0);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
    header.setInt(start + DATA_SN, dataSn);
    header.setInt(start + BUFFER_OFFSET, (int) bufferOffset);
  }
}
