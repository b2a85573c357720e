package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Logout Response (RFC 7143 clause 11.15): response at 2, initiator task tag at 16, StatSN,
 * ExpCmdSN and MaxCmdSN from 24, Time2Wait at 40, Time2Retain at 42.
 *
 * @param response one of the constants
 * @param time2Wait seconds to wait before the initiator logs in again
 * @param time2Retain seconds after that during which its tasks are kept
 */
public record LogoutResponse(
    int response,
    int initiatorTaskTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    int time2Wait,
    int time2Retain)
    implements TargetPdu {

  public static final int CLOSED = 0;
  public static final int CID_NOT_FOUND = 1;
  public static final int RECOVERY_NOT_SUPPORTED = 2;
  public static final int CLEANUP_FAILED = 3;

  private static final int RESPONSE = 2;
  private static final int TIME2WAIT = 40;
  private static final int TIME2RETAIN = 42;

  @Override
  public Opcode opcode() {
    return Opcode.LOGOUT_RESPONSE;
  }

  static LogoutResponse decode(ByteBuf header, int start, ByteBuf data) {
    data.release();
    return new LogoutResponse(
        header.getUnsignedByte(start + RESPONSE),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        header.getUnsignedShort(start + TIME2WAIT),
        header.getUnsignedShort(start + TIME2RETAIN));
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.LOGOUT_RESPONSE, false, BasicHeader.FINAL);
    header.setByte(start + RESPONSE, response);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
    header.setShort(start + TIME2WAIT, time2Wait);
    header.setShort(start + TIME2RETAIN, time2Retain);
  }
}
