/**
 * Who may do what to a logical unit: persistent reservations (SPC-4) and the older RESERVE and
 * RELEASE (SPC-2).
 *
 * <p>The rules are pure: a state and a request give a new state, and who is to be told. {@link
 * io.sandrift.server.scsi.reservation.LogicalUnitReservations} holds the one current state of a
 * logical unit, asks the {@link io.sandrift.server.scsi.reservation.ReservationJournal} to keep
 * what has to survive power loss, and answers the hot path's question with one volatile read.
 * Called by the disk's nexuses, from any thread. Imports the SCSI task boundary only.
 */
@NullMarked
package io.sandrift.server.scsi.reservation;

import org.jspecify.annotations.NullMarked;
