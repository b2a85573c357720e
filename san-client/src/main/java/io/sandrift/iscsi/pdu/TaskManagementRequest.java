package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Task Management Function Request (RFC 7143 clause 11.5).
 *
 * <pre>
 *  1  1 FUNCTION    8 LUN    16 initiator task tag    20 referenced task tag
 * 24  CmdSN        28 ExpStatSN                      32 RefCmdSN    36 ExpDataSN
 * </pre>
 *
 * @param function one of the constants, or a number that this implementation doesn't know
 */
public record TaskManagementRequest(
    boolean immediate,
    int function,
    long lun,
    int initiatorTaskTag,
    int referencedTaskTag,
    int cmdSn,
    int expStatSn,
    int refCmdSn,
    int expDataSn)
    implements InitiatorPdu {

  public static final int ABORT_TASK = 1;
  public static final int ABORT_TASK_SET = 2;
  public static final int CLEAR_ACA = 3;
  public static final int CLEAR_TASK_SET = 4;
  public static final int LOGICAL_UNIT_RESET = 5;
  public static final int TARGET_WARM_RESET = 6;
  public static final int TARGET_COLD_RESET = 7;
  public static final int TASK_REASSIGN = 8;

  private static final int REFERENCED_TASK_TAG = 20;
  private static final int REF_CMD_SN = 32;
  private static final int EXP_DATA_SN = 36;

  @Override
  public Opcode opcode() {
    return Opcode.TASK_MANAGEMENT_REQUEST;
  }

  static TaskManagementRequest decode(ByteBuf header, int start, ByteBuf data) {
    data.release();
    return new TaskManagementRequest(
        BasicHeader.isImmediate(header, start),
        header.getByte(start + BasicHeader.FLAGS) & 0x7f,
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + REFERENCED_TASK_TAG),
        header.getInt(start + BasicHeader.CMD_SN),
        header.getInt(start + BasicHeader.EXP_STAT_SN),
        header.getInt(start + REF_CMD_SN),
        header.getInt(start + EXP_DATA_SN));
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header, start, Opcode.TASK_MANAGEMENT_REQUEST, immediate, BasicHeader.FINAL | function);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + REFERENCED_TASK_TAG, referencedTaskTag);
    header.setInt(start + BasicHeader.CMD_SN, cmdSn);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
    header.setInt(start + REF_CMD_SN, refCmdSn);
    header.setInt(start + EXP_DATA_SN, expDataSn);
  }
}
