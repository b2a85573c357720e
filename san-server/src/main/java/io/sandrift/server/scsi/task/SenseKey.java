package io.sandrift.server.scsi.task;

/** The kind of an error or exception (SPC-4, sense key), as far as a disk reports it. */
public enum SenseKey {
  NO_SENSE(0x0),
  NOT_READY(0x2),
  MEDIUM_ERROR(0x3),
  ILLEGAL_REQUEST(0x5),
  UNIT_ATTENTION(0x6),
  DATA_PROTECT(0x7),
  COPY_ABORTED(0xa),
  ABORTED_COMMAND(0xb),
  MISCOMPARE(0xe);

  private final int wireValue;

  SenseKey(int wireValue) {
    this.wireValue = wireValue;
  }

  /** The four bits that carry it in sense data. */
  public int wireValue() {
    return wireValue;
  }
}
