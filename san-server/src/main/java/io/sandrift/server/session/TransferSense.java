package io.sandrift.server.session;

import io.sandrift.server.scsi.task.Response;
import io.sandrift.server.scsi.task.ScsiStatus;

/**
 * How a command ends when its data transfer broke a rule of the transport: ABORTED COMMAND with the
 * additional sense that RFC 7143 clause 11.4.7.2 names.
 */
final class TransferSense {

  static final Response UNEXPECTED_UNSOLICITED_DATA = abortedCommand(0x0c, 0x0c);
  static final Response INCORRECT_AMOUNT_OF_DATA = abortedCommand(0x0c, 0x0d);
  static final Response DIGEST_ERROR = abortedCommand(0x47, 0x05);

  private TransferSense() {}

  private static Response abortedCommand(int additionalSenseCode, int qualifier) {
    byte[] sense = new byte[18];
    sense[0] = 0x70; // current error, fixed format
    sense[2] = 0x0b; // ABORTED COMMAND
    sense[7] = (byte) (sense.length - 8);
    sense[12] = (byte) additionalSenseCode;
    sense[13] = (byte) qualifier;
    return new Response(ScsiStatus.CHECK_CONDITION, sense);
  }
}
