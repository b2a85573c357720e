package io.sandrift.iscsi.pdu;

/**
 * A PDU whose header says something that RFC 7143 doesn't allow. Carries no stack trace: peers
 * cause it at will.
 */
public final class MalformedPduException extends Exception {

  private static final long serialVersionUID = 1;

  private final boolean unknownOpcode;

  private MalformedPduException(String message, boolean unknownOpcode) {
    super(message, null, false, false);
    this.unknownOpcode = unknownOpcode;
  }

  static MalformedPduException unknownOpcode(int firstByte) {
    return new MalformedPduException(
        "opcode 0x%02x is not one of this direction".formatted(firstByte & 0x3f), true);
  }

  static MalformedPduException field(String name, int value, String expected) {
    return new MalformedPduException(
        "%s is 0x%x, expected %s".formatted(name, value, expected), false);
  }

  /**
   * Whether the opcode itself was the fault (Reject reason 0x05, command not supported) and not a
   * field (0x09).
   */
  public boolean isUnknownOpcode() {
    return unknownOpcode;
  }
}
