package io.sandrift.server.scsi.task;

/** A command's status (SAM-5 clause 5.3.1). */
public enum ScsiStatus {
  GOOD(0x00),
  CHECK_CONDITION(0x02),
  CONDITION_MET(0x04),
  BUSY(0x08),
  RESERVATION_CONFLICT(0x18),
  TASK_SET_FULL(0x28),
  ACA_ACTIVE(0x30),
  TASK_ABORTED(0x40);

  private final int wireValue;

  ScsiStatus(int wireValue) {
    this.wireValue = wireValue;
  }

  /** The byte that carries it in a response. */
  public int wireValue() {
    return wireValue;
  }
}
