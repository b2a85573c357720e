package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Task Management Function Response (RFC 7143 clause 11.6): response at 2, initiator task tag at
 * 16, then StatSN, ExpCmdSN, MaxCmdSN.
 *
 * @param response one of the constants
 */
public record TaskManagementResponse(
    int response, int initiatorTaskTag, int statSn, int expCmdSn, int maxCmdSn)
    implements TargetPdu {

  public static final int FUNCTION_COMPLETE = 0;
  public static final int TASK_DOES_NOT_EXIST = 1;
  public static final int LUN_DOES_NOT_EXIST = 2;
  public static final int TASK_STILL_ALLEGIANT = 3;
  public static final int REASSIGNMENT_NOT_SUPPORTED = 4;
  public static final int FUNCTION_NOT_SUPPORTED = 5;
  public static final int AUTHORIZATION_FAILED = 6;
  public static final int FUNCTION_REJECTED = 255;

  private static final int RESPONSE = 2;

  @Override
  public Opcode opcode() {
    return Opcode.TASK_MANAGEMENT_RESPONSE;
  }

  static TaskManagementResponse decode(ByteBuf header, int start, ByteBuf data) {
    data.release();
    return new TaskManagementResponse(
        header.getUnsignedByte(start + RESPONSE),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN));
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.TASK_MANAGEMENT_RESPONSE, false, BasicHeader.FINAL);
    header.setByte(start + RESPONSE, response);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
  }
}
