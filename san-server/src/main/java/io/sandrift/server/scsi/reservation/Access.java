package io.sandrift.server.scsi.reservation;

/**
 * What a command is to a reservation: a row of the tables of commands that are allowed in the
 * presence of reservations (SPC-4 and SBC-3).
 */
public enum Access {
  /** Allowed whoever has reserved the logical unit, and however. */
  ALWAYS(false, false, false),
  /** Allowed in the face of a persistent reservation; refused while another nexus has RESERVEd. */
  INFORMATION(false, false, true),
  /** Reads the medium: refused by Exclusive Access. */
  READ(false, true, true),
  /** Writes the medium or changes the logical unit: refused by both kinds. */
  WRITE(true, true, true),
  /**
   * Refused to anybody but by its own rules (PERSISTENT RESERVE OUT, RESERVE, RELEASE): the command
   * itself asks.
   */
  OWN_RULES(false, false, false);

  private final boolean refusedByWriteExclusive;
  private final boolean refusedByExclusiveAccess;
  private final boolean refusedByReserve;

  Access(
      boolean refusedByWriteExclusive, boolean refusedByExclusiveAccess, boolean refusedByReserve) {
    this.refusedByWriteExclusive = refusedByWriteExclusive;
    this.refusedByExclusiveAccess = refusedByExclusiveAccess;
    this.refusedByReserve = refusedByReserve;
  }

  boolean refusedBy(ReservationType type) {
    return type.isExclusiveAccess() ? refusedByExclusiveAccess : refusedByWriteExclusive;
  }

  /** Whether it is refused while another nexus has RESERVEd the unit (SPC-2). */
  public boolean isRefusedByReserve() {
    return refusedByReserve;
  }
}
