package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Logout Request (RFC 7143 clause 11.14): reason at 1, initiator task tag at 16, CID at 20, CmdSN
 * at 24, ExpStatSN at 28.
 *
 * @param reason one of the constants
 */
public record LogoutRequest(
    boolean immediate, int reason, int initiatorTaskTag, int connectionId, int cmdSn, int expStatSn)
    implements InitiatorPdu {

  public static final int CLOSE_SESSION = 0;
  public static final int CLOSE_CONNECTION = 1;
  public static final int REMOVE_FOR_RECOVERY = 2;

  private static final int CID = 20;

  @Override
  public Opcode opcode() {
    return Opcode.LOGOUT_REQUEST;
  }

  static LogoutRequest decode(ByteBuf header, int start, ByteBuf data) {
    data.release();
    return new LogoutRequest(
        BasicHeader.isImmediate(header, start),
        header.getByte(start + BasicHeader.FLAGS) & 0x7f,
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getUnsignedShort(start + CID),
        header.getInt(start + BasicHeader.CMD_SN),
        header.getInt(start + BasicHeader.EXP_STAT_SN));
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.LOGOUT_REQUEST, immediate, BasicHeader.FINAL | reason);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setShort(start + CID, connectionId);
    header.setInt(start + BasicHeader.CMD_SN, cmdSn);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
  }
}
