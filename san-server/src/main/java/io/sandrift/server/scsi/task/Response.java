package io.sandrift.server.scsi.task;

/**
 * The end of a command: its status and, with CHECK CONDITION, its sense data.
 *
 * @param sense sense data in fixed or descriptor format (SPC-4 clause 4.5), not to be changed;
 *     empty unless the status is CHECK CONDITION
 */
public record Response(ScsiStatus status, byte[] sense) {

  private static final byte[] NO_SENSE = {};

  /** Status GOOD; the one object, so that the common case allocates nothing. */
  public static final Response GOOD = new Response(ScsiStatus.GOOD, NO_SENSE);

  /** A response without sense data. */
  public static Response of(ScsiStatus status) {
    return status == ScsiStatus.GOOD ? GOOD : new Response(status, NO_SENSE);
  }

  /** Whether the command succeeded (GOOD or CONDITION MET). */
  public boolean isSuccess() {
    return status == ScsiStatus.GOOD || status == ScsiStatus.CONDITION_MET;
  }
}
