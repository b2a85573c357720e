package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Asynchronous Message (RFC 7143 clause 11.9).
 *
 * <pre>
 *  8  LUN    24 StatSN    28 ExpCmdSN    32 MaxCmdSN    36 event    37 vendor code    38 parameters 1, 2, 3
 * </pre>
 *
 * @param event one of the constants
 * @param parameter1 meaning by event; for {@link #LOGOUT_REQUESTED} unused, for drops the
 *     connection's id
 * @param parameter2 for drops Time2Wait, in seconds
 * @param parameter3 for {@link #LOGOUT_REQUESTED} the time to log out in, for drops Time2Retain, in
 *     seconds
 */
public record AsyncMessage(
    long lun,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int event,
    int parameter1,
    int parameter2,
    int parameter3,
    ByteBuf data)
    implements TargetPdu {

  public static final int SCSI_EVENT = 0;
  public static final int LOGOUT_REQUESTED = 1;
  public static final int CONNECTION_WILL_DROP = 2;
  public static final int SESSION_WILL_DROP = 3;
  public static final int NEGOTIATION_REQUESTED = 4;
  public static final int TASKS_TERMINATED = 5;

  private static final int EVENT = 36;
  private static final int PARAMETER_1 = 38;
  private static final int PARAMETER_2 = 40;
  private static final int PARAMETER_3 = 42;

  @Override
  public Opcode opcode() {
    return Opcode.ASYNC_MESSAGE;
  }

  @Override
  public int initiatorTaskTag() {
    return BasicHeader.RESERVED_TAG;
  }

  static AsyncMessage decode(ByteBuf header, int start, ByteBuf data) {
    return new AsyncMessage(
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        header.getUnsignedByte(start + EVENT),
        header.getUnsignedShort(start + PARAMETER_1),
        header.getUnsignedShort(start + PARAMETER_2),
        header.getUnsignedShort(start + PARAMETER_3),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.ASYNC_MESSAGE, false, BasicHeader.FINAL);
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, BasicHeader.RESERVED_TAG);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
    header.setByte(start + EVENT, event);
    header.setShort(start + PARAMETER_1, parameter1);
    header.setShort(start + PARAMETER_2, parameter2);
    header.setShort(start + PARAMETER_3, parameter3);
  }
}
