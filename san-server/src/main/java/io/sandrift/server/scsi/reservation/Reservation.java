package io.sandrift.server.scsi.reservation;

/**
 * A persistent reservation of the whole logical unit (scope LU_SCOPE, the only one there is).
 *
 * @param holder who made it; for an all-registrants type every registrant holds it, and this one is
 *     only the first
 */
public record Reservation(Registrant holder, ReservationType type) {}
