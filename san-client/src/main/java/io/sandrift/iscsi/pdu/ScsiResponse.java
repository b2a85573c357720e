package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * SCSI Response (RFC 7143 clause 11.4).
 *
 * <pre>
 *  1  1 0 0 o u O U 0    2 response    3 status    16 initiator task tag    20 SNACK tag
 * 24  StatSN            28 ExpCmdSN               32 MaxCmdSN              36 ExpDataSN
 * 40  bidirectional read residual                 44 residual
 * </pre>
 *
 * @param response {@link #COMPLETED} or {@link #TARGET_FAILURE}
 * @param status the SCSI status byte; meaningful when completed
 * @param expDataSn how many R2T or Data-In PDUs the target sent for the command
 * @param residual what was left over or short
 * @param data with CHECK CONDITION: a 2-byte length, then the sense data
 */
public record ScsiResponse(
    int response,
    int status,
    int initiatorTaskTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int expDataSn,
    Residual residual,
    ByteBuf data)
    implements TargetPdu {

  /** The command completed at the target. */
  public static final int COMPLETED = 0x00;

  /** The target failed for a reason of its own. */
  public static final int TARGET_FAILURE = 0x01;

  private static final int RESPONSE = 2;
  private static final int STATUS = 3;
  private static final int EXP_DATA_SN = 36;

  @Override
  public Opcode opcode() {
    return Opcode.SCSI_RESPONSE;
  }

  static ScsiResponse decode(ByteBuf header, int start, ByteBuf data) {
    return new ScsiResponse(
        header.getUnsignedByte(start + RESPONSE),
        header.getUnsignedByte(start + STATUS),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        header.getInt(start + EXP_DATA_SN),
        Residual.decode(header, start),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header, start, Opcode.SCSI_RESPONSE, false, BasicHeader.FINAL | residual.flags());
    header.setByte(start + RESPONSE, response);
    header.setByte(start + STATUS, status);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
    header.setInt(start + EXP_DATA_SN, expDataSn);
    header.setInt(start + Residual.COUNT, (int) residual.count());
  }
}
