package io.sandrift.iscsi.pdu;

import io.netty.buffer.ByteBuf;

/** A PDU that a target sends. */
public sealed interface TargetPdu extends Pdu
    permits NopIn,
        ScsiResponse,
        TaskManagementResponse,
        LoginResponse,
        TextResponse,
        DataIn,
        LogoutResponse,
        ReadyToTransfer,
        AsyncMessage,
        Reject {

  /** The next command sequence number that the target expects. */
  int expCmdSn();

  /** The last command sequence number that the target takes now. */
  int maxCmdSn();

  /**
   * Reads a header; parameters and errors as for {@link InitiatorPdu#decode}. Additional header
   * segments are passed over: no target's PDU has any.
   */
  static TargetPdu decode(ByteBuf header, int start, int ahsLength, ByteBuf data)
      throws MalformedPduException {
    Opcode opcode = Opcode.ofFirstByte(header.getByte(start));
    if (opcode == null) {
      throw MalformedPduException.unknownOpcode(header.getByte(start));
    }
    return switch (opcode) {
      case DATA_IN -> DataIn.decode(header, start, data);
      case SCSI_RESPONSE -> ScsiResponse.decode(header, start, data);
      case R2T -> ReadyToTransfer.decode(header, start, data);
      case NOP_IN -> NopIn.decode(header, start, data);
      case TASK_MANAGEMENT_RESPONSE -> TaskManagementResponse.decode(header, start, data);
      case LOGIN_RESPONSE -> LoginResponse.decode(header, start, data);
      case TEXT_RESPONSE -> TextResponse.decode(header, start, data);
      case LOGOUT_RESPONSE -> LogoutResponse.decode(header, start, data);
      case ASYNC_MESSAGE -> AsyncMessage.decode(header, start, data);
      case REJECT -> Reject.decode(header, start, data);
      default -> throw MalformedPduException.unknownOpcode(header.getByte(start));
    };
  }
}
