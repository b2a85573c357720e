/**
 * Who may do what to a logical unit: persistent reservations (SPC-4) and the older RESERVE and
 * RELEASE (SPC-2).
 *
 * <p>All here is pure: a state and a request give a new state, and who is to be told. {@code
 * scsi.unit} holds the one current state of a logical unit. Called from any thread. Imports the
 * SCSI task boundary only.
 */
@NullMarked
package io.sandrift.server.scsi.reservation;

import org.jspecify.annotations.NullMarked;
