package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Reject (RFC 7143 clause 11.17): reason at 2, StatSN, ExpCmdSN and MaxCmdSN from 24, DataSN at 36;
 * the data segment is the header of the PDU that was refused.
 *
 * @param reason one of the constants
 */
public record Reject(int reason, int statSn, int expCmdSn, int maxCmdSn, int dataSn, ByteBuf data)
    implements TargetPdu {

  public static final int DATA_DIGEST_ERROR = 0x02;
  public static final int SNACK_REJECT = 0x03;
  public static final int PROTOCOL_ERROR = 0x04;
  public static final int COMMAND_NOT_SUPPORTED = 0x05;
  public static final int IMMEDIATE_COMMAND_REJECT = 0x06;
  public static final int TASK_IN_PROGRESS = 0x07;
  public static final int INVALID_DATA_ACK = 0x08;
  public static final int INVALID_PDU_FIELD = 0x09;
  public static final int LONG_OPERATION = 0x0a;
  public static final int WAITING_FOR_LOGOUT = 0x0c;

  private static final int REASON = 2;
  private static final int DATA_SN = 36;

  @Override
  public Opcode opcode() {
    return Opcode.REJECT;
  }

  @Override
  public int initiatorTaskTag() {
    return BasicHeader.RESERVED_TAG;
  }

  static Reject decode(ByteBuf header, int start, ByteBuf data) {
    return new Reject(
        header.getUnsignedByte(start + REASON),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        header.getInt(start + DATA_SN),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(header, start, Opcode.REJECT, false, BasicHeader.FINAL);
    header.setByte(start + REASON, reason);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, BasicHeader.RESERVED_TAG);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
    header.setInt(start + DATA_SN, dataSn);
  }
}
