package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * SCSI Data-In (RFC 7143 clause 11.7).
 *
 * <pre>
 *  1  F A 0 0 0 O U S    3 status    8 LUN    16 initiator task tag    20 target transfer tag
 * 24  StatSN            28 ExpCmdSN         32 MaxCmdSN               36 DataSN
 * 40  buffer offset     44 residual
 * </pre>
 *
 * @param last the last PDU of its sequence
 * @param hasStatus the command ends with this PDU: status, statSn and residual mean something
 * @param status the SCSI status byte
 * @param bufferOffset where the data lie in the whole transfer, 0 to 4,294,967,295
 */
public record DataIn(
    boolean last,
    boolean hasStatus,
    int status,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int dataSn,
    long bufferOffset,
    Residual residual,
    ByteBuf data)
    implements TargetPdu {

  private static final int STATUS_BIT = 0x01;
  private static final int STATUS = 3;
  private static final int DATA_SN = 36;
  private static final int BUFFER_OFFSET = 40;

  @Override
  public Opcode opcode() {
    return Opcode.DATA_IN;
  }

  static DataIn decode(ByteBuf header, int start, ByteBuf data) {
    return new DataIn(
        BasicHeader.isFinal(header, start),
        (header.getByte(start + BasicHeader.FLAGS) & STATUS_BIT) != 0,
        header.getUnsignedByte(start + STATUS),
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        header.getInt(start + DATA_SN),
        header.getUnsignedInt(start + BUFFER_OFFSET),
        Residual.decode(header, start),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header,
        start,
        Opcode.DATA_IN,
        false,
        (last ? BasicHeader.FINAL : 0) | (hasStatus ? STATUS_BIT | residual.flags() : 0));
    header.setByte(start + STATUS, hasStatus ? status : 0);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    BasicHeader.setStatus(header, start, hasStatus ? statSn : 0, expCmdSn, maxCmdSn);
    header.setInt(start + DATA_SN, dataSn);
    header.setInt(start + BUFFER_OFFSET, (int) bufferOffset);
    header.setInt(start + Residual.COUNT, hasStatus ? (int) residual.count() : 0);
  }
}
