package io.sandrift.server.scsi.unit;

import io.sandrift.server.scsi.reservation.Registrant;
import io.sandrift.server.scsi.reservation.ReservationOutcome;
import io.sandrift.server.scsi.reservation.ReservationOutcome.Accepted;
import io.sandrift.server.scsi.reservation.ReservationOutcome.Notice;
import io.sandrift.server.scsi.reservation.ReservationRequest;
import io.sandrift.server.scsi.reservation.ReservationRules;
import io.sandrift.server.scsi.reservation.ReservationState;
import io.sandrift.server.scsi.spc.ModePages;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.unit.UnitChange.Step;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The changes that there are of a unit's state. Pure. */
public final class UnitRules {

  /** Of what a nexus wasn't told when it left, what it has to know when it comes again. */
  private static final Set<AdditionalSense> OUTLIVE_A_LOGOUT =
      EnumSet.of(
          AdditionalSense.MODE_PARAMETERS_CHANGED,
          AdditionalSense.RESERVATIONS_PREEMPTED,
          AdditionalSense.RESERVATIONS_RELEASED,
          AdditionalSense.REGISTRATIONS_PREEMPTED,
          AdditionalSense.CAPACITY_DATA_HAS_CHANGED);

  private UnitRules() {}

  /** PERSISTENT RESERVE OUT; it conflicts while any nexus has RESERVEd the unit. */
  public static UnitChange<ReservationOutcome> persistentReserve(
      NexusId by, ReservationRequest request) {
    return now -> {
      if (now.reserved().isPresent()) {
        return Step.unchanged(new ReservationOutcome.Conflict());
      }
      ReservationOutcome outcome = ReservationRules.apply(now.reservations(), by, request);
      if (!(outcome instanceof Accepted accepted)
          || (accepted.state().equals(now.reservations()) && accepted.aborted().isEmpty())) {
        return Step.unchanged(outcome);
      }
      return Step.to(
          now.with(accepted.state(), now.reserved(), now.mode(), events(now, by, accepted)),
          outcome);
    };
  }

  /** One event for each kind of notice, and one for those whose tasks end. */
  private static List<UnitEvent> events(UnitState now, NexusId by, Accepted accepted) {
    Map<AdditionalSense, Set<Registrant>> told = new LinkedHashMap<>();
    for (Notice notice : accepted.notices()) {
      told.computeIfAbsent(notice.what(), what -> new LinkedHashSet<>()).add(notice.to());
    }
    List<UnitEvent> events = new ArrayList<>();
    long revision = now.revision() + 1;
    told.forEach(
        (what, to) ->
            events.add(
                new UnitEvent(revision, Optional.of(what), to, false, Optional.of(by), false)));
    if (!accepted.aborted().isEmpty()) {
      events.add(
          new UnitEvent(
              revision, Optional.empty(), accepted.aborted(), true, Optional.of(by), false));
    }
    return events;
  }

  /**
   * RESERVE (SPC-2): true if the nexus has the unit now; false for RESERVATION CONFLICT, which it
   * is also when anybody has registered a key (SPC-4, CRH = 0).
   */
  public static UnitChange<Boolean> reserve(SimpleReservation wanted) {
    return now -> {
      Optional<SimpleReservation> current = now.reserved();
      boolean isAnothers = current.isPresent() && !current.get().nexus().equals(wanted.nexus());
      if (!now.reservations().keys().isEmpty() || isAnothers) {
        return Step.unchanged(false);
      }
      return current.equals(Optional.of(wanted))
          ? Step.unchanged(true)
          : Step.to(with(now, Optional.of(wanted)), true);
    };
  }

  /**
   * RELEASE: true for GOOD, which it is for a nexus that hasn't RESERVEd too; false for RESERVATION
   * CONFLICT.
   */
  public static UnitChange<Boolean> release(NexusId nexus) {
    return now -> {
      if (!now.reservations().keys().isEmpty()) {
        return Step.unchanged(false);
      }
      return now.reserved().filter(held -> held.nexus().equals(nexus)).isPresent()
          ? Step.to(with(now, Optional.empty()), true)
          : Step.unchanged(true);
    };
  }

  /** A nexus, or the server that it was at, is lost: what it has RESERVEd is free. */
  public static UnitChange<Boolean> end(SimpleReservation lost) {
    return now ->
        now.reserved().equals(Optional.of(lost))
            ? Step.to(with(now, Optional.empty()), true)
            : Step.unchanged(false);
  }

  /**
   * A reset (SAM-5 clause 6.3.3): RESERVE's reservation ends and the mode parameters return to
   * their defaults; persistent reservations stay. All tasks end, but for those of {@code by}, which
   * ends its own; every nexus is told, {@code by} too.
   */
  public static UnitChange<Boolean> reset(NexusId by) {
    return now ->
        Step.to(
            now.with(
                now.reservations(),
                Optional.empty(),
                ModeParameters.DEFAULT,
                List.of(
                    new UnitEvent(
                        now.revision() + 1,
                        Optional.of(AdditionalSense.POWER_ON_RESET_OR_BUS_DEVICE_RESET_OCCURRED),
                        Set.of(),
                        true,
                        Optional.of(by),
                        true))),
            true);
  }

  /** MODE SELECT: if it changes anything, all other nexuses are told. */
  public static UnitChange<ModePages.Result> select(
      NexusId by, Function<ModeParameters, ModePages.Result> selection) {
    return now -> {
      ModePages.Result result = selection.apply(now.mode());
      if (!(result instanceof ModePages.Result.Selected selected)
          || selected.parameters().equals(now.mode())) {
        return Step.unchanged(result);
      }
      UnitEvent event =
          new UnitEvent(
              now.revision() + 1,
              Optional.of(AdditionalSense.MODE_PARAMETERS_CHANGED),
              Set.of(),
              false,
              Optional.of(by),
              false);
      return Step.to(
          now.with(now.reservations(), now.reserved(), selected.parameters(), List.of(event)),
          result);
    };
  }

  /** The unit's power was off: only reservations that asked for it are still there (APTPL). */
  public static UnitChange<Boolean> loseEverythingVolatile() {
    return now -> {
      if (!now.isVolatile()) {
        return Step.unchanged(false);
      }
      ReservationState kept =
          now.reservations().persistsThroughPowerLoss()
              ? now.reservations()
              : ReservationState.EMPTY;
      return Step.to(now.with(kept, Optional.empty(), ModeParameters.DEFAULT, List.of()), true);
    };
  }

  /** A nexus has left without having been told: it will be when it comes again, wherever. */
  public static UnitChange<Boolean> owe(NexusId nexus, Set<AdditionalSense> untold) {
    return now -> {
      Set<AdditionalSense> kept = EnumSet.noneOf(AdditionalSense.class);
      kept.addAll(untold);
      kept.retainAll(OUTLIVE_A_LOGOUT);
      Set<AdditionalSense> before = now.owed().getOrDefault(nexus, Set.of());
      if (before.containsAll(kept)) {
        return Step.unchanged(false);
      }
      kept.addAll(before);
      Map<NexusId, Set<AdditionalSense>> owed = new LinkedHashMap<>(now.owed());
      owed.put(nexus, kept);
      if (owed.size() > UnitState.MAX_OWED) {
        owed.remove(owed.keySet().iterator().next());
      }
      return Step.to(now.withOwed(owed), true);
    };
  }

  /** Whether {@link #owe} would keep any of these. */
  public static boolean isOwed(Set<AdditionalSense> untold) {
    return untold.stream().anyMatch(OUTLIVE_A_LOGOUT::contains);
  }

  /** The nexus has what it was owed. */
  public static UnitChange<Boolean> pay(NexusId nexus) {
    return now -> {
      if (!now.owed().containsKey(nexus)) {
        return Step.unchanged(false);
      }
      Map<NexusId, Set<AdditionalSense>> owed = new LinkedHashMap<>(now.owed());
      owed.remove(nexus);
      return Step.to(now.withOwed(owed), true);
    };
  }

  private static UnitState with(UnitState now, Optional<SimpleReservation> reserved) {
    return now.with(now.reservations(), reserved, now.mode(), List.of());
  }
}
