package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/** A PDU that an initiator sends. */
public sealed interface InitiatorPdu extends Pdu
    permits NopOut,
        ScsiCommand,
        TaskManagementRequest,
        LoginRequest,
        TextRequest,
        DataOut,
        LogoutRequest,
        SnackRequest {

  /** The next status sequence number that the initiator expects. */
  int expStatSn();

  /**
   * Reads a header.
   *
   * @param header holds a whole basic header at {@code start}, followed by {@code ahsLength} bytes
   *     of additional header
   * @param data the data segment; the PDU takes over the reference
   * @throws MalformedPduException when a field has a value that RFC 7143 doesn't allow; the
   *     reference stays the caller's
   */
  static InitiatorPdu decode(ByteBuf header, int start, int ahsLength, ByteBuf data)
      throws MalformedPduException {
    Opcode opcode = Opcode.ofFirstByte(header.getByte(start));
    if (opcode == null) {
      throw MalformedPduException.unknownOpcode(header.getByte(start));
    }
    return switch (opcode) {
      case SCSI_COMMAND -> ScsiCommand.decode(header, start, ahsLength, data);
      case DATA_OUT -> DataOut.decode(header, start, data);
      case NOP_OUT -> NopOut.decode(header, start, data);
      case TASK_MANAGEMENT_REQUEST -> TaskManagementRequest.decode(header, start, data);
      case LOGIN_REQUEST -> LoginRequest.decode(header, start, data);
      case TEXT_REQUEST -> TextRequest.decode(header, start, data);
      case LOGOUT_REQUEST -> LogoutRequest.decode(header, start, data);
      case SNACK_REQUEST -> SnackRequest.decode(header, start, data);
      default -> throw MalformedPduException.unknownOpcode(header.getByte(start));
    };
  }
}
