package io.sandrift.client;

/**
 * How the target ended a command.
 *
 * @param status a SCSI status code (SAM-5 clause 5.3.1)
 */
record CommandAnswer(int status, SenseText sense) {

  private static final int GOOD = 0x00;
  private static final int CHECK_CONDITION = 0x02;
  private static final int CONDITION_MET = 0x04;
  private static final int BUSY = 0x08;
  private static final int RESERVATION_CONFLICT = 0x18;
  private static final int TASK_SET_FULL = 0x28;

  /** LOGICAL UNIT IS IN PROCESS OF BECOMING READY. */
  private static final int BECOMING_READY = 0x0401;

  boolean isGood() {
    return status == GOOD || status == CONDITION_MET;
  }

  /** Whether the same command may well succeed when it is sent again. */
  boolean asksForRetry() {
    return switch (status) {
      case BUSY, TASK_SET_FULL -> true;
      case CHECK_CONDITION ->
          sense.key() == SenseText.UNIT_ATTENTION
              || sense.key() == SenseText.ABORTED_COMMAND
              || (sense.key() == SenseText.NOT_READY && sense.additional() == BECOMING_READY);
      default -> false;
    };
  }

  /** Whether a retry is better sent a little later. */
  boolean isBusy() {
    return status == BUSY || status == TASK_SET_FULL || sense.key() == SenseText.NOT_READY;
  }

  /** What a command fails with that ended so. */
  ScsiException failure() {
    String what =
        switch (status) {
          case CHECK_CONDITION -> "the device reports " + sense.words();
          case RESERVATION_CONFLICT -> "the device is reserved by another initiator";
          case BUSY, TASK_SET_FULL -> "the device stays busy";
          default -> "the device ended the command with status 0x%02x".formatted(status);
        };
    return new ScsiException(what, status, sense.key(), sense.additional());
  }
}
