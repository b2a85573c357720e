package io.sandrift.server.scsi.unit;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.spc.ModeParameters;
import io.sandrift.server.scsi.task.AdditionalSense;
import io.sandrift.server.scsi.task.NexusId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * One server's copy of a logical unit's state. Any thread may call.
 *
 * <p>A change reaches a server in two steps, so that no two servers ever go by states of which one
 * admits what the other excludes:
 *
 * <pre>
 *   settled on r ──takeOver(r+1)──▶ r and r+1 pending ──settle(r+1)──▶ settled on r+1
 *                                   a command has to be allowed by both
 *   unknown ─────takeOver(r)─────▶ BUSY, as what came before isn't known ──settle(r)──▶ settled on r
 * </pre>
 *
 * A change is settled nowhere before all servers have taken it over, so any two servers have a
 * state in common by which both go. A command that one of the pending states refuses and another
 * allows is BUSY.
 *
 * <p>A unit whose latest state grants nobody anything, neither a registration nor RESERVE, is
 * answered for with one volatile read, also while this server can't be sure that its copy is the
 * current one (it may have been cut off from the others). A unit that grants something is BUSY
 * then: see {@link Verdict#UNSURE}.
 */
public final class SharedUnit {

  /**
   * More changes than this pending at once leave the unit BUSY until the last of them is settled.
   */
  static final int MAX_PENDING = 8;

  /** Whether a command may begin. */
  public enum Verdict {
    ALLOWED,
    /** Status RESERVATION CONFLICT. */
    CONFLICT,
    /**
     * Status BUSY: a change is just being made, or this server doesn't know whether its copy is the
     * current one.
     */
    UNSURE
  }

  /** This server's nexuses of the unit. */
  public interface Nexuses {
    /**
     * Tells those whom the event concerns, and ends their tasks.
     *
     * @return completes when none of these tasks' I/O is under way any more
     */
    CompletableFuture<Void> deliver(UnitEvent event);

    /** Gives a nexus that is logged in here what it was owed; false if it isn't. */
    boolean pay(NexusId nexus, Set<AdditionalSense> owed);

    /** Whether a nexus is logged in here. */
    boolean isHere(NexusId nexus);
  }

  /** All that a command's verdict depends on. */
  private record View(List<UnitState> states, boolean isKnown, boolean grants, boolean isOpen) {

    static View of(List<UnitState> states, boolean isKnown) {
      boolean grants = states.stream().anyMatch(UnitState::grants);
      return new View(
          List.copyOf(states), isKnown, grants, isKnown && states.size() == 1 && !grants);
    }

    UnitState latest() {
      return states.get(states.size() - 1);
    }
  }

  private static final Nexuses NOBODY =
      new Nexuses() {
        @Override
        public CompletableFuture<Void> deliver(UnitEvent event) {
          return CompletableFuture.completedFuture(null);
        }

        @Override
        public boolean pay(NexusId nexus, Set<AdditionalSense> owed) {
          return false;
        }

        @Override
        public boolean isHere(NexusId nexus) {
          return false;
        }
      };

  private final String server;
  private final long process;
  private final UnitChanges changes;
  private final LongSupplier lease;
  private volatile View view = View.of(List.of(UnitState.INITIAL), false);
  private volatile Nexuses nexuses = NOBODY;
  // The lease for which the copy is known to be current: see sureSince.
  private volatile long refreshedUnder;

  // The rest is guarded by this.
  private boolean hasAny;
  private boolean wasSettled;
  private CompletableFuture<Void> quiet = CompletableFuture.completedFuture(null);

  /**
   * @param server this server's name among the servers
   * @param process tells this run of the server from its earlier ones
   * @param changes makes changes of this unit
   * @param lease the number of the membership under which this server is told of every change, now;
   *     0 when it may have none. Asked by commands of units that grant something: cheap
   */
  public SharedUnit(String server, long process, UnitChanges changes, LongSupplier lease) {
    this.server = server;
    this.process = process;
    this.changes = changes;
    this.lease = lease;
  }

  /** Says who is to be told of events; before the first command. */
  public void deliverTo(Nexuses listener) {
    nexuses = listener;
  }

  // ---- What commands ask.

  /** Whether a nexus may begin to do what {@code access} describes. */
  public Verdict verdict(NexusId nexus, Access access) {
    View now = view;
    return now.isOpen() ? Verdict.ALLOWED : verdict(now, nexus, access);
  }

  private Verdict verdict(View now, NexusId nexus, Access access) {
    if (access == Access.ALWAYS || access == Access.OWN_RULES) {
      return Verdict.ALLOWED;
    }
    if (!now.isKnown() || (now.grants() && !isSure())) {
      return Verdict.UNSURE;
    }
    int refusals = 0;
    for (UnitState state : now.states()) {
      if (!state.allows(nexus, access)) {
        refusals++;
      }
    }
    if (refusals == 0) {
      return Verdict.ALLOWED;
    }
    return refusals == now.states().size() ? Verdict.CONFLICT : Verdict.UNSURE;
  }

  /** The state, if this server knows that it holds now; empty for status BUSY. */
  public Optional<UnitState> current() {
    View now = view;
    return now.isKnown() && now.states().size() == 1 && isSure()
        ? Optional.of(now.latest())
        : Optional.empty();
  }

  /** The mode parameters in force. */
  public ModeParameters mode() {
    return view.latest().mode();
  }

  /** What is owed to a nexus that logs in. */
  public Set<AdditionalSense> owedTo(NexusId nexus) {
    return view.latest().owed().getOrDefault(nexus, Set.of());
  }

  /** What RESERVE makes, sent by a nexus that is logged in here. */
  public SimpleReservation simpleReservation(NexusId nexus) {
    return new SimpleReservation(nexus, server, process);
  }

  /** Whether RESERVE's reservation is left of a nexus that was logged in here and no longer is. */
  public boolean isHolderGone(SimpleReservation held) {
    return held.server().equals(server)
        && (held.process() != process || !nexuses.isHere(held.nexus()));
  }

  /** Makes a change on all servers; see {@link UnitChanges#submit}. */
  public <R> void change(UnitChange<R> change, UnitChanges.Listener<R> listener) {
    changes.submit(this, change, listener);
  }

  // ---- What the agreement between the servers does.

  /** The newest state that this server has heard of. */
  public UnitState latest() {
    return view.latest();
  }

  /** Whether this server goes by one state alone. */
  public boolean isSettled() {
    View now = view;
    return now.isKnown() && now.states().size() == 1;
  }

  /** Whether this process has gone by any state of the unit yet: while one has, it has power. */
  public synchronized boolean wasSettled() {
    return wasSettled;
  }

  /**
   * Takes a newer state over: from now on no command begins that it refuses, and its events reach
   * this server's nexuses. An older one is ignored.
   *
   * @return completes when the tasks that events have ended are quiet
   */
  public synchronized CompletableFuture<Void> takeOver(UnitState next) {
    UnitState before = view.latest();
    if (hasAny && next.revision() <= before.revision()) {
      return quiet;
    }
    List<UnitState> states = new ArrayList<>();
    boolean isKnown = hasAny && view.isKnown();
    if (hasAny) {
      states.addAll(view.states());
    }
    states.add(next);
    if (states.size() > MAX_PENDING) {
      states = List.of(next);
      isKnown = false;
    }
    view = View.of(states, isKnown);
    if (hasAny) {
      List<CompletableFuture<Void>> ending = new ArrayList<>();
      ending.add(quiet);
      for (UnitEvent event : next.eventsAfter(before.revision())) {
        ending.add(nexuses.deliver(event));
      }
      quiet = CompletableFuture.allOf(ending.toArray(CompletableFuture[]::new));
    }
    hasAny = true;
    next.owed()
        .forEach(
            (nexus, owed) -> {
              if (nexuses.pay(nexus, owed)) {
                change(UnitRules.pay(nexus), outcome -> {});
              }
            });
    return quiet;
  }

  /**
   * All servers have taken {@code revision} over: no state before it counts here any more.
   *
   * @return whether that is so now; false if this server hasn't heard of it
   */
  public synchronized boolean settle(long revision) {
    List<UnitState> states = view.states();
    for (int i = 0; hasAny && i < states.size(); i++) {
      if (states.get(i).revision() == revision) {
        wasSettled = true;
        view = View.of(states.subList(i, states.size()), true);
        return true;
      }
    }
    return view.isKnown() && states.get(0).revision() >= revision;
  }

  /**
   * The copy was read, and settled, after the membership with this number began: as long as that
   * lasts, the copy is current.
   */
  public void sureUnder(long membership) {
    refreshedUnder = membership;
  }

  private boolean isSure() {
    long now = lease.getAsLong();
    return now != 0 && now == refreshedUnder;
  }
}
