package io.sandrift.iscsi.pdu;

import org.jspecify.annotations.Nullable;

/** What a PDU is: the low six bits of its first byte (RFC 7143 clause 11.2.1.2). */
public enum Opcode {
  NOP_OUT(0x00),
  SCSI_COMMAND(0x01),
  TASK_MANAGEMENT_REQUEST(0x02),
  LOGIN_REQUEST(0x03),
  TEXT_REQUEST(0x04),
  DATA_OUT(0x05),
  LOGOUT_REQUEST(0x06),
  SNACK_REQUEST(0x10),
  NOP_IN(0x20),
  SCSI_RESPONSE(0x21),
  TASK_MANAGEMENT_RESPONSE(0x22),
  LOGIN_RESPONSE(0x23),
  TEXT_RESPONSE(0x24),
  DATA_IN(0x25),
  LOGOUT_RESPONSE(0x26),
  R2T(0x31),
  ASYNC_MESSAGE(0x32),
  REJECT(0x3f);

  /** Set in the first byte of a request for immediate delivery. */
  public static final int IMMEDIATE = 0x40;

  private static final @Nullable Opcode[] BY_WIRE_VALUE = new @Nullable Opcode[64];

  static {
    for (Opcode opcode : values()) {
      BY_WIRE_VALUE[opcode.wireValue] = opcode;
    }
  }

  private final int wireValue;

  Opcode(int wireValue) {
    this.wireValue = wireValue;
  }

  public int wireValue() {
    return wireValue;
  }

  /** Whether a target sends it. */
  public boolean isFromTarget() {
    return wireValue >= 0x20;
  }

  /** The opcode in a PDU's first byte, or null when that value means nothing. */
  public static @Nullable Opcode ofFirstByte(int firstByte) {
    return BY_WIRE_VALUE[firstByte & 0x3f];
  }
}
