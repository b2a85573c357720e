package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/**
 * Text Response (RFC 7143 clause 11.11): laid out as {@link TextRequest}, with StatSN, ExpCmdSN and
 * MaxCmdSN from 24.
 *
 * @param targetTransferTag other than {@link BasicHeader#RESERVED_TAG} when the exchange goes on
 */
public record TextResponse(
    boolean last,
    boolean more,
    long lun,
    int initiatorTaskTag,
    int targetTransferTag,
    int statSn,
    int expCmdSn,
    int maxCmdSn,
    ByteBuf data)
    implements TargetPdu {

  @Override
  public Opcode opcode() {
    return Opcode.TEXT_RESPONSE;
  }

  static TextResponse decode(ByteBuf header, int start, ByteBuf data) {
    return new TextResponse(
        BasicHeader.isFinal(header, start),
        (header.getByte(start + BasicHeader.FLAGS) & TextRequest.CONTINUE) != 0,
        header.getLong(start + BasicHeader.LUN),
        header.getInt(start + BasicHeader.INITIATOR_TASK_TAG),
        header.getInt(start + BasicHeader.TARGET_TRANSFER_TAG),
        header.getInt(start + BasicHeader.STAT_SN),
        header.getInt(start + BasicHeader.EXP_CMD_SN),
        header.getInt(start + BasicHeader.MAX_CMD_SN),
        data);
  }

  @Override
  public void encodeHeader(ByteBuf header, int start) {
    BasicHeader.begin(
        header,
        start,
        Opcode.TEXT_RESPONSE,
        false,
        (last ? BasicHeader.FINAL : 0) | (more ? TextRequest.CONTINUE : 0));
    header.setLong(start + BasicHeader.LUN, lun);
    header.setInt(start + BasicHeader.INITIATOR_TASK_TAG, initiatorTaskTag);
    header.setInt(start + BasicHeader.TARGET_TRANSFER_TAG, targetTransferTag);
    BasicHeader.setStatus(header, start, statSn, expCmdSn, maxCmdSn);
  }
}
