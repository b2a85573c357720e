package io.sandrift.server.scsi.unit;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.reservation.ReservationState;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A logical unit's state as all of its servers share it; never changes, so it can be read on any
 * thread.
 *
 * @param revision counts the changes; 0 is the state of a unit that was never changed
 * @param stamp tells a change from every other that was meant to become the same revision
 * @param reserved RESERVE's reservation, which excludes registrations
 * @param events what has happened, oldest first; bounded, see {@link #eventsAfter}
 * @param completeAfter {@code events} has all events of the revisions after this one
 * @param owed attentions of nexuses that left before they were told, to be told wherever they log
 *     in next; bounded, the oldest go first
 */
public record UnitState(
    long revision,
    long stamp,
    ReservationState reservations,
    Optional<SimpleReservation> reserved,
    ModeParameters mode,
    List<UnitEvent> events,
    long completeAfter,
    Map<NexusId, Set<AdditionalSense>> owed) {

  /** Events that are kept for servers that come late. */
  static final int MAX_EVENTS = 64;

  /** Registrants that the kept events name together: bounds the saved state's length. */
  static final int MAX_NAMED = 1536;

  /** Nexuses that attentions are kept for after they left. */
  static final int MAX_OWED = 64;

  /** Nobody has changed anything. */
  public static final UnitState INITIAL =
      new UnitState(
          0,
          0,
          ReservationState.EMPTY,
          Optional.empty(),
          ModeParameters.DEFAULT,
          List.of(),
          0,
          Map.of());

  public UnitState {
    events = List.copyOf(events);
    owed = Collections.unmodifiableMap(new LinkedHashMap<>(owed));
  }

  /** Whether a nexus may do what {@code access} describes. */
  public boolean allows(NexusId nexus, Access access) {
    if (reserved.isPresent()
        && access.isRefusedByReserve()
        && !reserved.get().nexus().equals(nexus)) {
      return false;
    }
    return reservations.allows(nexus, access);
  }

  /** Whether it grants anybody anything: then commands depend on its being current. */
  public boolean grants() {
    return !reservations.keys().isEmpty() || reserved.isPresent();
  }

  /** Whether some of it does not outlive the loss of power. */
  public boolean isVolatile() {
    return reserved.isPresent()
        || !mode.equals(ModeParameters.DEFAULT)
        || (!reservations.keys().isEmpty() && !reservations.persistsThroughPowerLoss());
  }

  /**
   * What happened after {@code seen}; when too much did, one event that stands for all: a reset.
   */
  List<UnitEvent> eventsAfter(long seen) {
    if (seen < completeAfter) {
      return List.of(UnitEvent.missed(revision));
    }
    return events.stream().filter(event -> event.revision() > seen).toList();
  }

  /** The next state, with other reservations. */
  UnitState with(
      ReservationState newReservations,
      Optional<SimpleReservation> newReserved,
      ModeParameters newMode,
      List<UnitEvent> newEvents) {
    List<UnitEvent> all = new ArrayList<>(events);
    all.addAll(newEvents);
    long complete = completeAfter;
    int named = all.stream().mapToInt(event -> event.to().size()).sum();
    while (all.size() > MAX_EVENTS || named > MAX_NAMED) {
      UnitEvent oldest = all.remove(0);
      named -= oldest.to().size();
      complete = Math.max(complete, oldest.revision());
    }
    return new UnitState(
        revision + 1, 0, newReservations, newReserved, newMode, all, complete, owed);
  }

  /** The next state, with other owed attentions. */
  UnitState withOwed(Map<NexusId, Set<AdditionalSense>> newOwed) {
    return new UnitState(
        revision + 1, 0, reservations, reserved, mode, events, completeAfter, newOwed);
  }

  /** This state, marked as one writer's. */
  public UnitState stamped(long newStamp) {
    return new UnitState(
        revision, newStamp, reservations, reserved, mode, events, completeAfter, owed);
  }
}
