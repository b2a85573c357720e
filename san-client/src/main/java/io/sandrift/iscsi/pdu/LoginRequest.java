package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Login Request (RFC 7143 clause 11.12).
 *
 * <pre>
 *  1  T C 0 0 CSG NSG    2 version-max    3 version-min    8 ISID (6)    14 TSIH
 * 16  initiator task tag    20 CID    24 CmdSN    28 ExpStatSN
 * </pre>
 *
 * @param transit the initiator is ready to go on to {@code nextStage}
 * @param more the text goes on in the next request (the C bit)
 * @param nextStage meaningful with {@code transit}; else as {@code currentStage}
 * @param tsih 0 for a new session, else the session to add a connection to
 * @param connectionId the CID, 0 to 65535
 */
public record LoginRequest(
    boolean transit,
    boolean more,
    LoginStage currentStage,
    LoginStage nextStage,
    int versionMax,
    int versionMin,
    Isid isid,
    int tsih,
    int initiatorTaskTag,
    int connectionId,
    int cmdSn,
    int expStatSn,
    ByteBuf data)
    implements InitiatorPdu {

  static final int TRANSIT = 0x80;
  static final int CONTINUE = 0x40;
  static final int VERSION_MAX = 2;
  static final int VERSION_MIN = 3;
  static final int ISID = 8;
  static final int TSIH = 14;
  private static final int CID = 20;

  @Override
  public Opcode opcode() {
    return Opcode.LOGIN_REQUEST;
  }

  static LoginRequest decode(ByteBuf header, int start, ByteBuf data) throws MalformedPduException {
    int flags = header.getByte(start + BasicHeader.FLAGS);
    LoginStage current = LoginStage.decode("CSG", (flags >> 2) & 3);
    boolean transit = (flags & TRANSIT) != 0;
    return new LoginRequest(
        transit,
        (flags & CONTINUE) != 0,
        current,
        transit ? LoginStage.decode("NSG", flags & 3) : current,
        header.getUnsignedByte(start + VERSION_MAX),
        header.getUnsignedByte(start + VERSION_MIN),
        decodeIsid(header, start),
        header.getUnsignedShort(start + TSIH),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getUnsignedShort(start + CID),
        header.getInt(start + BasicHeader.CMD_SN),
        header.getInt(start + BasicHeader.EXP_STAT_SN),
        data);
  }

  static Isid decodeIsid(ByteBuf header, int start) {
    return new Isid(header.getLong(start + ISID) >>> 16);
  }

  static void encodeIsidAndTsih(ByteBuf header, int start, Isid isid, int tsih) {
    header.setLong(start + ISID, isid.value() << 16 | tsih);
  }

  static int flags(boolean transit, boolean more, LoginStage current, LoginStage next) {
    return (transit ? TRANSIT | next.wireValue() : 0)
        | (more ? CONTINUE : 0)
        | current.wireValue() << 2;
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header, start, Opcode.LOGIN_REQUEST, true, flags(transit, more, currentStage, nextStage));
    header.setByte(start + VERSION_MAX, versionMax);
    header.setByte(start + VERSION_MIN, versionMin);
    encodeIsidAndTsih(header, start, isid, tsih);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setShort(start + CID, connectionId);
    header.setInt(start + BasicHeader.CMD_SN, cmdSn);
    header.setInt(start + BasicHeader.EXP_STAT_SN, expStatSn);
  }
}
