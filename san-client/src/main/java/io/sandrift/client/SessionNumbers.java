package io.sandrift.client;

import io.sandrift.iscsi.pdu.BasicHeader;
import io.sandrift.iscsi.pdu.SerialNumber;

/**
 * An initiator's side of a session's numbers: which command comes next, up to which one the target
 * takes commands, and which status is expected (RFC 7143 clause 4.2.2). Task tags are of the
 * device, and go on from one session to the next.
 */
final class SessionNumbers {

  private int cmdSn;
  private int maxCmdSn;
  private int expStatSn;
  private int lastTag;

  /** A login has ended with these. */
  void begin(int firstCmdSn, int firstMaxCmdSn, int firstExpStatSn) {
    cmdSn = firstCmdSn;
    maxCmdSn = firstMaxCmdSn;
    expStatSn = firstExpStatSn;
  }

  /** Whether the target takes another command now. */
  boolean isWindowOpen() {
    return !SerialNumber.isBefore(maxCmdSn, cmdSn);
  }

  /** The number of the next command, as it stands in PDUs that don't advance it. */
  int cmdSn() {
    return cmdSn;
  }

  /** The number for a command, which the next one won't have. */
  int takeCmdSn() {
    return cmdSn++;
  }

  int expStatSn() {
    return expStatSn;
  }

  /** A status was received. */
  void status(int statSn) {
    expStatSn = statSn + 1;
  }

  /** The target says which commands it takes. */
  void window(int expCmdSn, int newMaxCmdSn) {
    // Clause 4.2.2.1: a window that ends before it begins, or goes back, says nothing.
    if (!SerialNumber.isBefore(newMaxCmdSn, expCmdSn - 1)
        && SerialNumber.isBefore(maxCmdSn, newMaxCmdSn)) {
      maxCmdSn = newMaxCmdSn;
    }
  }

  /** A task tag that no task under way has. */
  int nextTag() {
    lastTag++;
    if (lastTag == BasicHeader.RESERVED_TAG) {
      lastTag = 1;
    }
    return lastTag;
  }
}
