package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Login Response (RFC 7143 clause 11.13).
 *
 * <pre>
 *  1  T C 0 0 CSG NSG    2 version-max    3 version-active    8 ISID (6)    14 TSIH
 * 16  initiator task tag    24 StatSN    28 ExpCmdSN    32 MaxCmdSN    36 status class, status detail
 * </pre>
 *
 * @param nextStage meaningful with {@code transit}; else as {@code currentStage}
 */
public record LoginResponse(
    boolean transit,
    boolean more,
    LoginStage currentStage,
    LoginStage nextStage,
    Isid isid,
    int tsih,
    int initiatorTaskTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    LoginStatus status,
    ByteBuf data)
    implements TargetPdu {

  /** The one version of the protocol that there is. */
  public static final int VERSION = 0;

  private static final int STATUS = 36;

  @Override
  public Opcode opcode() {
    return Opcode.LOGIN_RESPONSE;
  }

  static LoginResponse decode(ByteBuf header, int start, ByteBuf data)
      throws MalformedPduException {
    int flags = header.getByte(start + BasicHeader.FLAGS);
    boolean transit = (flags & LoginRequest.TRANSIT) != 0;
    LoginStatus status = LoginStatus.ofWireValue(header.getUnsignedShort(start + STATUS));
    LoginStage current = LoginStage.decode("CSG", (flags >> 2) & 3);
    return new LoginResponse(
        transit,
        (flags & LoginRequest.CONTINUE) != 0,
        current,
        transit ? LoginStage.decode("NSG", flags & 3) : current,
        LoginRequest.decodeIsid(header, start),
        header.getUnsignedShort(start + LoginRequest.TSIH),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        status,
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header,
        start,
        Opcode.LOGIN_RESPONSE,
        false,
        LoginRequest.flags(transit, more, currentStage, nextStage));
    header.setByte(start + LoginRequest.VERSION_MAX, VERSION);
    header.setByte(start + LoginRequest.VERSION_MIN, VERSION);
    LoginRequest.encodeIsidAndTsih(header, start, isid, tsih);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
    header.setShort(start + STATUS, status.wireValue());
  }
}
