package io.sandrift.server.scsi.reservation;

import io.sandrift.server.scsi.reservation.ReservationOutcome.Accepted;
import io.sandrift.server.scsi.reservation.ReservationOutcome.Conflict;
import io.sandrift.server.scsi.reservation.ReservationOutcome.Notice;
import io.sandrift.server.scsi.reservation.ReservationOutcome.Refused;
import io.sandrift.server.scsi.reservation.ReservationRequest.Move;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.task.SenseData;
import io.sandrift.server.scsi.task.SenseKey;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The rules of PERSISTENT RESERVE OUT (SPC-4): state and request to outcome, nothing else.
 *
 * <pre>
 *   REGISTER         a key, or its change, or (key 0) its end; a holder's end releases
 *   RESERVE          first come, first served; again by the holder is GOOD
 *   RELEASE          by the holder, naming the same type
 *   CLEAR            everything ends, for everybody
 *   PREEMPT          ends registrations by their key, and takes over when that key held
 *   REGISTER AND MOVE  hands the reservation to another registrant
 * </pre>
 */
public final class ReservationRules {

  /** Bounds the memory that initiators can make a logical unit use. */
  public static final int MAX_REGISTRATIONS = 1024;

  private static final int ACTION_KEY_OFFSET = 8;
  private static final int MOVE_TRANSPORT_ID_OFFSET = 24;

  private final ReservationState before;
  private final NexusId nexus;
  private final ReservationRequest request;
  private final Map<Registrant, Long> keys;
  private final List<Notice> notices = new ArrayList<>();
  private Optional<Reservation> reservation;

  private ReservationRules(ReservationState before, NexusId nexus, ReservationRequest request) {
    this.before = before;
    this.nexus = nexus;
    this.request = request;
    this.keys = new LinkedHashMap<>(before.keys());
    this.reservation = before.reservation();
  }

  /** Decides a request that {@code nexus} makes. */
  public static ReservationOutcome apply(
      ReservationState state, NexusId nexus, ReservationRequest request) {
    return new ReservationRules(state, nexus, request).decide();
  }

  private ReservationOutcome decide() {
    Optional<Registrant> registrant = before.registrant(nexus);
    boolean ignoresKey =
        request.action() == ReservationRequest.ServiceAction.REGISTER_AND_IGNORE_EXISTING_KEY;
    if (request.action() == ReservationRequest.ServiceAction.REGISTER || ignoresKey) {
      return register(registrant, ignoresKey);
    }
    if (registrant.isEmpty() || keyOf(registrant.get()) != request.key()) {
      return new Conflict();
    }
    Registrant asker = registrant.get();
    return switch (request.action()) {
      case RESERVE -> reserve(asker);
      case RELEASE -> release(asker);
      case CLEAR -> clear(asker);
      case PREEMPT -> preempt(asker, false);
      case PREEMPT_AND_ABORT -> preempt(asker, true);
      case REGISTER_AND_MOVE -> move(asker);
      case REGISTER, REGISTER_AND_IGNORE_EXISTING_KEY -> throw new AssertionError();
    };
  }

  /* What REGISTER means depends on whether the nexus is registered. */
  private ReservationOutcome register(Optional<Registrant> registrant, boolean ignoresKey) {
    if (registrant.isPresent()) {
      if (!ignoresKey && keyOf(registrant.get()) != request.key()) {
        return new Conflict();
      }
      if (!request.otherInitiatorPorts().isEmpty()) {
        return new Refused(SenseData.invalidFieldInParameterList(20));
      }
      if (request.actionKey() == 0) {
        unregister(registrant.get());
      } else {
        keys.put(registrant.get(), request.actionKey());
      }
      return accepted(request.persistThroughPowerLoss(), true);
    }
    if (!ignoresKey && request.key() != 0) {
      return new Conflict();
    }
    if (request.actionKey() == 0) {
      return accepted(before.persistsThroughPowerLoss(), false);
    }
    keys.put(
        request.allTargetPorts() ? Registrant.atAllTargetPorts(nexus) : Registrant.of(nexus),
        request.actionKey());
    for (String initiatorPort : request.otherInitiatorPorts()) {
      Registrant other =
          new Registrant(
              initiatorPort,
              request.allTargetPorts() ? Registrant.ALL_TARGET_PORTS : nexus.relativeTargetPort());
      if (keys.putIfAbsent(other, request.actionKey()) != null) {
        return new Refused(SenseData.invalidFieldInParameterList(MOVE_TRANSPORT_ID_OFFSET));
      }
    }
    if (keys.size() > MAX_REGISTRATIONS) {
      return new Refused(
          SenseData.of(
              SenseKey.ILLEGAL_REQUEST, AdditionalSense.INSUFFICIENT_REGISTRATION_RESOURCES));
    }
    return accepted(request.persistThroughPowerLoss(), true);
  }

  private void unregister(Registrant leaving) {
    boolean held = before.isHeldBy(leaving);
    keys.remove(leaving);
    if (!held || reservation.isEmpty()) {
      return;
    }
    Reservation current = reservation.get();
    if (current.type().isHeldByAllRegistrants()) {
      // The others go on holding it; one of them has to stand for it. With the last it ends.
      reservation =
          keys.keySet().stream().findFirst().map(next -> new Reservation(next, current.type()));
      return;
    }
    reservation = Optional.empty();
    if (current.type().admitsRegistrants()) {
      notifyOthers(leaving, AdditionalSense.RESERVATIONS_RELEASED);
    }
  }

  private ReservationOutcome reserve(Registrant asker) {
    if (request.type().isEmpty()) {
      return new Refused(SenseData.invalidFieldInCdb(2, 3));
    }
    if (reservation.isPresent()) {
      boolean same = before.isHeldBy(asker) && reservation.get().type() == request.type().get();
      return same ? accepted(before.persistsThroughPowerLoss(), false) : new Conflict();
    }
    reservation = Optional.of(new Reservation(asker, request.type().get()));
    return accepted(before.persistsThroughPowerLoss(), false);
  }

  private ReservationOutcome release(Registrant asker) {
    if (reservation.isEmpty() || !before.isHeldBy(asker)) {
      return accepted(before.persistsThroughPowerLoss(), false);
    }
    ReservationType type = reservation.get().type();
    if (request.type().isEmpty() || request.type().get() != type) {
      return new Refused(
          SenseData.of(
              SenseKey.ILLEGAL_REQUEST, AdditionalSense.INVALID_RELEASE_OF_PERSISTENT_RESERVATION));
    }
    reservation = Optional.empty();
    if (type.admitsRegistrants()) {
      notifyOthers(asker, AdditionalSense.RESERVATIONS_RELEASED);
    }
    return accepted(before.persistsThroughPowerLoss(), false);
  }

  private ReservationOutcome clear(Registrant asker) {
    notifyOthers(asker, AdditionalSense.RESERVATIONS_PREEMPTED);
    keys.clear();
    reservation = Optional.empty();
    return accepted(before.persistsThroughPowerLoss(), true);
  }

  /* SPC-4, preempting an existing persistent reservation. */
  private ReservationOutcome preempt(Registrant asker, boolean abort) {
    long victimKey = request.actionKey();
    boolean sharedByAll =
        reservation.isPresent() && reservation.get().type().isHeldByAllRegistrants();
    if (victimKey == 0 && !sharedByAll) {
      return new Refused(SenseData.invalidFieldInParameterList(ACTION_KEY_OFFSET));
    }
    boolean takesOver =
        reservation.isPresent()
            && (sharedByAll ? victimKey == 0 : keyOf(reservation.get().holder()) == victimKey);
    if (takesOver && request.type().isEmpty()) {
      return new Refused(SenseData.invalidFieldInCdb(2, 3));
    }
    boolean allOthers = sharedByAll && victimKey == 0;
    Set<Registrant> victims = new LinkedHashSet<>();
    keys.forEach(
        (registrant, key) -> {
          if (allOthers ? !registrant.equals(asker) : key == victimKey) {
            victims.add(registrant);
          }
        });
    if (victims.isEmpty() && !takesOver) {
      return new Conflict();
    }
    if (takesOver) {
      victims.remove(asker);
    }
    victims.forEach(
        victim -> {
          keys.remove(victim);
          notices.add(new Notice(victim, AdditionalSense.REGISTRATIONS_PREEMPTED));
        });
    if (takesOver) {
      ReservationType type = request.type().orElseThrow();
      if (reservation.orElseThrow().type() != type) {
        notifyOthers(asker, AdditionalSense.RESERVATIONS_RELEASED);
      }
      reservation = Optional.of(new Reservation(asker, type));
    } else if (reservation.isPresent() && !keys.containsKey(reservation.get().holder())) {
      // An all-registrants reservation lost the one that stood for it.
      ReservationType type = reservation.get().type();
      reservation = keys.keySet().stream().findFirst().map(next -> new Reservation(next, type));
    }
    return new Accepted(
        next(before.persistsThroughPowerLoss(), true), notices, abort ? victims : Set.of());
  }

  private ReservationOutcome move(Registrant asker) {
    Move move = request.move().orElseThrow();
    if (reservation.isEmpty()
        || reservation.get().type().isHeldByAllRegistrants()
        || !before.isHeldBy(asker)) {
      return new Conflict();
    }
    if (request.actionKey() == 0) {
      return new Refused(SenseData.invalidFieldInParameterList(ACTION_KEY_OFFSET));
    }
    if (move.destination().covers(nexus)) {
      return new Refused(SenseData.invalidFieldInParameterList(MOVE_TRANSPORT_ID_OFFSET));
    }
    keys.put(move.destination(), request.actionKey());
    if (move.unregister()) {
      keys.remove(asker);
    }
    reservation = Optional.of(new Reservation(move.destination(), reservation.get().type()));
    return accepted(request.persistThroughPowerLoss(), true);
  }

  private long keyOf(Registrant registrant) {
    return before.keys().getOrDefault(registrant, 0L);
  }

  private void notifyOthers(Registrant but, AdditionalSense what) {
    for (Registrant registrant : keys.keySet()) {
      if (!registrant.equals(but)) {
        notices.add(new Notice(registrant, what));
      }
    }
  }

  private ReservationOutcome accepted(boolean persists, boolean countsAsChange) {
    return new Accepted(next(persists, countsAsChange), notices, Set.of());
  }

  private ReservationState next(boolean persists, boolean countsAsChange) {
    return new ReservationState(
        before.generation() + (countsAsChange ? 1 : 0), persists, keys, reservation);
  }
}
