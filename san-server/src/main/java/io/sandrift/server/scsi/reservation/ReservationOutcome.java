package io.sandrift.server.scsi.reservation;

import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.SenseData;
import java.util.List;
import java.util.Set;

/** What a {@link ReservationRequest} comes to. */
public sealed interface ReservationOutcome {

  /** Status RESERVATION CONFLICT; nothing has changed. */
  record Conflict() implements ReservationOutcome {}

  /** CHECK CONDITION; nothing has changed. */
  record Refused(SenseData sense) implements ReservationOutcome {}

  /**
   * Status GOOD.
   *
   * @param state the state from now on
   * @param notices who is to get a unit attention
   * @param aborted whose tasks are to end (PREEMPT AND ABORT)
   */
  record Accepted(ReservationState state, List<Notice> notices, Set<Registrant> aborted)
      implements ReservationOutcome {}

  /**
   * A unit attention for every attached nexus that the registrant covers, but not for the asker.
   */
  record Notice(Registrant to, AdditionalSense what) {}
}
