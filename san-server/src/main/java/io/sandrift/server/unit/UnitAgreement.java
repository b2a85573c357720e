package io.sandrift.server.unit;

import io.sandrift.server.scsi.unit.SharedUnit;
import io.sandrift.server.scsi.unit.SimpleReservation;
import io.sandrift.server.scsi.unit.UnitChange;
import io.sandrift.server.scsi.unit.UnitChanges.Listener;
import io.sandrift.server.scsi.unit.UnitChanges.Outcome;
import io.sandrift.server.scsi.unit.UnitRules;
import io.sandrift.server.scsi.unit.UnitState;
import io.sandrift.server.scsi.unit.UnitStateCodec;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's part in the agreement on one unit. All but the constructor is confined to {@code
 * units}, and so is what follows every answer; one thing is done at a time:
 *
 * <pre>
 *   change:   write the next state with compare-and-set ─▶ all take it over ─▶ all settle ─▶ answer
 *               └─ another was first: read, take over, settle; then once more
 *   refresh:  read ─▶ all take over what is there ─▶ (power was lost? write what is left) ─▶ settle
 * </pre>
 *
 * A refresh is due when this server's membership begins, when another's ends (it may have died
 * between writing and telling), and when a state stays pending for long.
 */
final class UnitAgreement {

  /** Changes that wait; more are BUSY. */
  static final int MAX_WAITING = 64;

  /** How often a change is made anew because others came first, before it is BUSY. */
  private static final int MAX_ATTEMPTS = 16;

  /** How long another server may keep a state pending before this one settles it. */
  private static final Duration PENDING_LIMIT = Duration.ofSeconds(3);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private static final Logger log = LoggerFactory.getLogger(UnitAgreement.class);

  private final VolumeId volume;
  private final VolumeName name;
  private final UnitRegister register;
  private final Spreading spreading;
  private final MembershipLease lease;
  private final ScheduledExecutorService thread;
  private final LongSupplier nanoClock;
  private final long limitNanos;
  private final SharedUnit unit;
  private final CompletableFuture<Void> known = new CompletableFuture<>();

  private final Deque<Waiting<?>> waiting = new ArrayDeque<>();
  private boolean isWorking;
  private boolean isClosed;
  private boolean needsRefresh;
  private long pendingSinceNanos;

  /** A change, and who awaits it. */
  private record Waiting<R>(UnitChange<R> change, Listener<R> listener) {}

  /**
   * @param limit for one change to reach everybody, or to be BUSY
   */
  UnitAgreement(
      VolumeId volume,
      VolumeName name,
      SharedUnit unit,
      UnitRegister register,
      Spreading spreading,
      MembershipLease lease,
      ScheduledExecutorService thread,
      LongSupplier nanoClock,
      Duration limit) {
    this.volume = volume;
    this.name = name;
    this.unit = unit;
    this.register = register;
    this.spreading = spreading;
    this.lease = lease;
    this.thread = thread;
    this.nanoClock = nanoClock;
    this.limitNanos = limit.toNanos();
  }

  SharedUnit unit() {
    return unit;
  }

  /** Completes when the unit's state is known here for the first time. Any thread. */
  CompletableFuture<Void> whenKnown() {
    return known;
  }

  <R> void submit(UnitChange<R> change, Listener<R> listener) {
    if (isClosed || waiting.size() >= MAX_WAITING) {
      listener.done(new Outcome.Busy<>());
      return;
    }
    waiting.add(new Waiting<>(change, listener));
    pump();
  }

  void refresh() {
    needsRefresh = true;
    pump();
  }

  /** Looks for what stays undone; about once a second. */
  void tick(Predicate<String> isMember) {
    if (unit.isSettled()) {
      pendingSinceNanos = 0;
    } else if (pendingSinceNanos == 0) {
      pendingSinceNanos = nanoClock.getAsLong() | 1;
    } else if (nanoClock.getAsLong() - pendingSinceNanos > PENDING_LIMIT.toNanos()) {
      refresh();
    }
    Optional<SimpleReservation> reserved = unit.latest().reserved();
    if (reserved.isPresent()
        && lease.current() != 0
        && (unit.isHolderGone(reserved.get()) || !isMember.test(reserved.get().server()))) {
      submit(UnitRules.end(reserved.get()), outcome -> {});
    }
  }

  void close() {
    isClosed = true;
    failWaiting();
  }

  private void pump() {
    if (isWorking || isClosed || lease.last() == 0) {
      if (!isWorking && lease.last() == 0) {
        failWaiting();
      }
      return;
    }
    if (needsRefresh) {
      isWorking = true;
      needsRefresh = false;
      readAndSettle(deadline())
          .whenCompleteAsync(
              (done, failure) -> {
                isWorking = false;
                if (failure != null && !isClosed) {
                  log.info("Volume '{}': the servers don't agree yet: {}", name, reason(failure));
                  needsRefresh = true;
                  failWaiting();
                  thread.schedule(this::pump, RETRY_AFTER.toMillis(), TimeUnit.MILLISECONDS);
                } else {
                  pump();
                }
              },
              thread);
      return;
    }
    Waiting<?> next = waiting.poll();
    if (next != null) {
      isWorking = true;
      make(next);
    }
  }

  private void failWaiting() {
    while (!waiting.isEmpty()) {
      waiting.remove().listener().done(new Outcome.Busy<>());
    }
  }

  private <R> void make(Waiting<R> next) {
    long until = deadline();
    CompletableFuture<Void> settled =
        unit.isSettled() ? CompletableFuture.completedFuture(null) : readAndSettle(until);
    settled
        .thenComposeAsync(done -> attempt(next.change(), until, MAX_ATTEMPTS), thread)
        .whenCompleteAsync(
            (outcome, failure) -> {
              isWorking = false;
              if (failure != null) {
                log.info("Volume '{}': a change isn't made: {}", name, reason(failure));
                needsRefresh = true;
              }
              next.listener().done(failure == null ? outcome : new Outcome.Busy<>());
              pump();
            },
            thread);
  }

  private <R> CompletableFuture<Outcome<R>> attempt(
      UnitChange<R> change, long until, int attemptsLeft) {
    if (lease.current() == 0 || attemptsLeft == 0) {
      return CompletableFuture.completedFuture(new Outcome.Busy<>());
    }
    UnitState now = unit.latest();
    UnitChange.Step<R> step = change.from(now);
    if (step.next().isEmpty()) {
      return CompletableFuture.completedFuture(new Outcome.Made<>(step.answer()));
    }
    return write(now, step.next().get(), until)
        .thenComposeAsync(
            isWritten ->
                isWritten
                    ? CompletableFuture.completedFuture(new Outcome.Made<>(step.answer()))
                    : attempt(change, until, attemptsLeft - 1),
            thread);
  }

  /**
   * Writes the state that follows {@code now}, and settles what is there then.
   *
   * @return whether that is what was to be written; false when another server was first
   */
  private CompletableFuture<Boolean> write(UnitState now, UnitState next, long until) {
    UnitState stamped = next.stamped(ThreadLocalRandom.current().nextLong());
    byte[] content = UnitStateCodec.encode(stamped);
    return register
        .compareAndSet(name, now.revision(), content)
        .handle((isWritten, failure) -> failure == null && isWritten)
        .thenComposeAsync(isWritten -> check(stamped, content, isWritten, until), thread);
  }

  /** Whether a write was done isn't known when the connection broke; what is there tells. */
  private CompletableFuture<Boolean> check(
      UnitState written, byte[] content, boolean isWritten, long until) {
    return register
        .read(name)
        .thenComposeAsync(
            entry -> {
              if (entry.isEmpty()) {
                throw new UnitsException("the volume is deleted");
              }
              UnitState found = UnitStateCodec.decode(entry.get().content());
              boolean isOurs =
                  found.revision() == written.revision() && found.stamp() == written.stamp();
              if (isWritten || isOurs) {
                return settle(written, content, entry.get().changedAt(), until)
                    .thenApply(done -> true);
              }
              if (found.revision() < written.revision()) {
                // Not written, and nobody else's either: once more.
                return CompletableFuture.completedFuture(false);
              }
              return settle(found, entry.get().content(), entry.get().changedAt(), until)
                  .thenApply(done -> false);
            },
            thread);
  }

  /** Finds out what is kept, and makes all servers go by it. */
  private CompletableFuture<Void> readAndSettle(long until) {
    long membership = lease.last();
    return register
        .read(name)
        .thenComposeAsync(
            entry -> {
              if (entry.isEmpty()) {
                unit.takeOver(UnitState.INITIAL);
                unit.settle(UnitState.INITIAL.revision());
                return CompletableFuture.<Void>completedFuture(null);
              }
              UnitState found = UnitStateCodec.decode(entry.get().content());
              boolean isDone = unit.isSettled() && unit.latest().revision() == found.revision();
              return isDone
                  ? CompletableFuture.<Void>completedFuture(null)
                  : settle(found, entry.get().content(), entry.get().changedAt(), until);
            },
            thread)
        .thenRunAsync(
            () -> {
              if (!unit.isSettled()) {
                throw new UnitsException("a newer state is on its way");
              }
              unit.sureUnder(membership);
              known.complete(null);
            },
            thread);
  }

  /** All take a state over that is kept, and then all settle on it. */
  private CompletableFuture<Void> settle(
      UnitState state, byte[] content, long changedAt, long until) {
    boolean isWitness = unit.wasSettled();
    CompletableFuture<Void> quiet =
        unit.takeOver(state).copy().orTimeout(limitNanos, TimeUnit.NANOSECONDS);
    return spreading
        .takeOver(volume, state.revision(), content, changedAt, until)
        .thenCombine(quiet, (isWitnessed, done) -> isWitnessed)
        .thenComposeAsync(
            isWitnessed -> {
              if (!isWitness && !isWitnessed && state.isVolatile()) {
                return losePower(state, until);
              }
              unit.settle(state.revision());
              return spreading
                  .settle(volume, state.revision(), changedAt, until)
                  .<Void>thenApply(done -> null);
            },
            thread);
  }

  /** No process is left that has gone by the state: what should not outlive that is forgotten. */
  private CompletableFuture<Void> losePower(UnitState state, long until) {
    Optional<UnitState> left = UnitRules.loseEverythingVolatile().from(state).next();
    log.info("Volume '{}': no server was left; what did not have to persist is forgotten", name);
    return write(state, left.orElseThrow(), until).thenApply(isWritten -> null);
  }

  private long deadline() {
    return nanoClock.getAsLong() + limitNanos;
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && cause instanceof CompletionException) {
      cause = cause.getCause();
    }
    return cause.getCause() == null ? cause.toString() : cause + " (" + cause.getCause() + ")";
  }
}
