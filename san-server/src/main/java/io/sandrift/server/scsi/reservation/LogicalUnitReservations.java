package io.sandrift.server.scsi.reservation;

import io.sandrift.server.scsi.reservation.ReservationOutcome.Accepted;
import io.sandrift.server.scsi.task.NexusId;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The reservations of one logical unit, persistent ones and RESERVE's, in their current state.
 *
 * <p>Any thread may ask and change. Changes are made one at a time: a PERSISTENT RESERVE OUT that
 * arrives while an earlier one is being saved is told {@link Decision.Busy}, so nothing queues up
 * here. Readers see the last complete state, without a lock.
 */
public final class LogicalUnitReservations {

  private final ReservationJournal journal;
  private volatile ReservationState state;
  // The nexus that has RESERVEd the unit (SPC-2), or null.
  private volatile @Nullable NexusId reserved;
  // Nothing is reserved, in either way: the hot path looks no further.
  private volatile boolean free;
  private boolean saving;
  // Whether the journal holds registrations; an unset APTPL has to wipe them there.
  private boolean journalled;

  /** What came of a request. */
  public sealed interface Decision {
    /** The rules' answer; an acceptance is in effect, and saved if it asked for that. */
    record Made(ReservationOutcome outcome) implements Decision {}

    /** Another change is being saved, or this one couldn't be; nothing has changed. */
    record Busy() implements Decision {}
  }

  /** Receives a {@link Decision}, on any thread. */
  @FunctionalInterface
  public interface DecisionListener {
    void done(Decision decision);
  }

  /**
   * Starts from what the journal holds: registrations that asked to persist through power loss.
   *
   * @throws IllegalArgumentException when the journal's content can't be read; the message says
   *     what is wrong with it
   */
  public LogicalUnitReservations(ReservationJournal journal) {
    this.journal = journal;
    this.state = journal.load().map(ReservationStateCodec::decode).orElse(ReservationState.EMPTY);
    this.journalled = !state.keys().isEmpty();
    this.free = state.reservation().isEmpty();
  }

  /** The persistent reservations as they are now. */
  public ReservationState state() {
    return state;
  }

  /** Whether a nexus may do what {@code access} describes. */
  public boolean allows(NexusId nexus, Access access) {
    if (free) {
      return true;
    }
    NexusId holder = reserved;
    if (holder != null && access.refusedByReserve() && !holder.equals(nexus)) {
      return false;
    }
    return state.allows(nexus, access);
  }

  /** Whether any nexus has RESERVEd the unit, which rules out persistent reservations. */
  public boolean isReserved() {
    return reserved != null;
  }

  /**
   * RESERVE (SPC-2): true if the nexus has the unit now; false for RESERVATION CONFLICT, which it
   * is also when anybody has registered a key (SPC-4, CRH = 0).
   */
  public synchronized boolean reserve(NexusId nexus) {
    NexusId holder = reserved;
    if (saving || !state.keys().isEmpty() || (holder != null && !holder.equals(nexus))) {
      return false;
    }
    reserved = nexus;
    refresh();
    return true;
  }

  /**
   * RELEASE: true for GOOD, which it is for a nexus that hasn't RESERVEd too; false for RESERVATION
   * CONFLICT.
   */
  public synchronized boolean release(NexusId nexus) {
    if (!state.keys().isEmpty()) {
      return false;
    }
    end(nexus);
    return true;
  }

  /** The nexus is lost: what it has RESERVEd is free; persistent reservations stay. */
  public synchronized void end(NexusId nexus) {
    if (nexus.equals(reserved)) {
      reserved = null;
      refresh();
    }
  }

  /** A reset: whoever has RESERVEd the unit has it no more; persistent reservations stay. */
  public synchronized void reset() {
    reserved = null;
    refresh();
  }

  /** PERSISTENT RESERVE OUT: decides, saves what has to be saved, and then tells. */
  public void change(NexusId nexus, ReservationRequest request, DecisionListener listener) {
    ReservationOutcome outcome;
    byte[] toSave = null;
    synchronized (this) {
      if (saving) {
        outcome = null;
      } else {
        outcome =
            reserved == null
                ? ReservationRules.apply(state, nexus, request)
                : new ReservationOutcome.Conflict();
        if (outcome instanceof Accepted accepted && !accepted.state().equals(state)) {
          toSave = contentToSave(accepted.state());
          if (toSave == null) {
            become(accepted.state());
          } else {
            saving = true;
          }
        }
      }
    }
    if (outcome == null) {
      listener.done(new Decision.Busy());
    } else if (toSave != null && outcome instanceof Accepted accepted) {
      journal.save(toSave, durable -> saved(accepted, durable, listener));
    } else {
      listener.done(new Decision.Made(outcome));
    }
  }

  private void saved(Accepted accepted, boolean durable, DecisionListener listener) {
    synchronized (this) {
      saving = false;
      if (durable) {
        journalled =
            accepted.state().persistsThroughPowerLoss() && !accepted.state().keys().isEmpty();
        become(accepted.state());
      }
    }
    listener.done(durable ? new Decision.Made(accepted) : new Decision.Busy());
  }

  /** What the journal must hold before {@code next} may be in effect; null when it already does. */
  private byte @Nullable [] contentToSave(ReservationState next) {
    if (next.persistsThroughPowerLoss()) {
      return ReservationStateCodec.encode(next);
    }
    if (!journalled) {
      return null;
    }
    return ReservationStateCodec.encode(
        new ReservationState(next.generation(), false, Map.of(), Optional.empty()));
  }

  private void become(ReservationState next) {
    state = next;
    refresh();
  }

  private void refresh() {
    free = reserved == null && state.reservation().isEmpty();
  }
}
