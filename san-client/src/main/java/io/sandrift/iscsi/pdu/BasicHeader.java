package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/** Offsets and sizes that all PDUs' basic header segments share (RFC 7143 clause 11.2.1). */
public final class BasicHeader {

  /** A basic header segment's length. */
  public static final int BYTES = 48;

  /** The most bytes that additional header segments can take: 255 words. */
  public static final int MAX_AHS_BYTES = 255 * 4;

  /** The tag that no task has. */
  public static final int RESERVED_TAG = 0xffffffff;

  static final int FINAL = 0x80;

  static final int FLAGS = 1;
  static final int TOTAL_AHS_LENGTH = 4;
  static final int DATA_SEGMENT_LENGTH = 5;
  static final int LUN = 8;
  static final int INITIATOR_TASK_TAG = 16;
  static final int TARGET_TRANSFER_TAG = 20;
  static final int CMD_SN = 24;
  static final int STAT_SN = 24;
  static final int EXP_STAT_SN = 28;
  static final int EXP_CMD_SN = 28;
  static final int MAX_CMD_SN = 32;

  private BasicHeader() {}

  /** The data segment's length in bytes, without padding: 0 to 16,777,215. */
  public static int dataSegmentLength(ByteBuf header, int start) {
    return header.getUnsignedMedium(start + DATA_SEGMENT_LENGTH);
  }

  /** The length in bytes of the additional header segments: 0 to 1020. */
  public static int ahsLength(ByteBuf header, int start) {
    return header.getUnsignedByte(start + TOTAL_AHS_LENGTH) * 4;
  }

  /** The tag that ties a task's PDUs together; in every PDU at the same place. */
  public static int initiatorTaskTag(ByteBuf header, int start) {
    return header.getInt(start + INITIATOR_TASK_TAG);
  }

  /**
   * Writes the lengths into a header that {@link Pdu#encodeHeader} has just written at {@code
   * start}.
   */
  public static void setLengths(ByteBuf header, int start, int ahsLength, int dataLength) {
    header.setByte(start + TOTAL_AHS_LENGTH, ahsLength / 4);
    header.setMedium(start + DATA_SEGMENT_LENGTH, dataLength);
  }

  static boolean isImmediate(ByteBuf header, int start) {
    return (header.getByte(start) & Opcode.IMMEDIATE) != 0;
  }

  static boolean isFinal(ByteBuf header, int start) {
    return (header.getByte(start + FLAGS) & FINAL) != 0;
  }

  /** Zeroes the header and writes its first two bytes. */
  static void begin(ByteBuf header, int start, Opcode opcode, boolean immediate, int flags) {
    header.setZero(start, BYTES);
    header.setByte(start, opcode.wireValue() | (immediate ? Opcode.IMMEDIATE : 0));
    header.setByte(start + FLAGS, flags);
  }

  /** Writes the three sequence numbers of a PDU from a target that carries a status. */
  static void setStatus(ByteBuf header, int start, int statSn, int expCmdSn, int maxCmdSn) {
    header.setInt(start + STAT_SN, statSn);
    header.setInt(start + EXP_CMD_SN, expCmdSn);
    header.setInt(start + MAX_CMD_SN, maxCmdSn);
  }
}
