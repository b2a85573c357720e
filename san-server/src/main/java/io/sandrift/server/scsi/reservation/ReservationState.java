package io.sandrift.server.scsi.reservation;

import io.sandrift.server.scsi.task.NexusId;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * All that PERSISTENT RESERVE OUT has brought about on a logical unit; never changes, so it can be
 * read on any thread.
 *
 * @param generation PRGENERATION: counts the changes of registrations, modulo 2^32
 * @param persistsThroughPowerLoss whether the last registration asked for it (APTPL)
 * @param keys each registrant's key, in the order in which they registered
 */
public record ReservationState(
    int generation,
    boolean persistsThroughPowerLoss,
    Map<Registrant, Long> keys,
    Optional<Reservation> reservation) {

  /** Nobody has registered. */
  public static final ReservationState EMPTY =
      new ReservationState(0, false, Map.of(), Optional.empty());

  public ReservationState {
    keys = Collections.unmodifiableMap(new LinkedHashMap<>(keys));
    if (reservation.isPresent() && !keys.containsKey(reservation.get().holder())) {
      throw new IllegalArgumentException(
          "holder " + reservation.get().holder() + " is not registered");
    }
  }

  /** The registration that covers a nexus; one for this very port before one for all ports. */
  public Optional<Registrant> registrant(NexusId nexus) {
    Registrant exact = Registrant.of(nexus);
    if (keys.containsKey(exact)) {
      return Optional.of(exact);
    }
    Registrant everywhere = Registrant.atAllTargetPorts(nexus);
    return keys.containsKey(everywhere) ? Optional.of(everywhere) : Optional.empty();
  }

  /** Whether a registrant holds the reservation. */
  public boolean isHeldBy(Registrant registrant) {
    return reservation
        .map(
            held ->
                held.type().isHeldByAllRegistrants()
                    ? keys.containsKey(registrant)
                    : held.holder().equals(registrant))
        .orElse(false);
  }

  /** Whether the reservation lets a nexus do what {@code access} describes. */
  public boolean allows(NexusId nexus, Access access) {
    if (reservation.isEmpty() || !access.refusedBy(reservation.get().type())) {
      return true;
    }
    Optional<Registrant> registrant = registrant(nexus);
    return registrant.isPresent()
        && (reservation.get().type().admitsRegistrants() || isHeldBy(registrant.get()));
  }
}
