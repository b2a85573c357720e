package io.sandrift.server.unit;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import io.sandrift.server.scsi.unit.SharedUnit;
import io.sandrift.server.scsi.unit.UnitChange;
import io.sandrift.server.scsi.unit.UnitChanges;
import io.sandrift.server.scsi.unit.UnitState;
import io.sandrift.server.scsi.unit.UnitStateCodec;
import io.sandrift.server.unit.UnitMessage.Answer;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.curator.framework.CuratorFramework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logical units that this server presents, and its part in the agreement on their states.
 *
 * <p>What a server that is cut off from ZooKeeper may do. For two thirds of the session timeout
 * since ZooKeeper last confirmed the membership, everything: until then no other server goes on
 * without this one. After that, a unit whose copy here grants anybody anything, a registration or
 * RESERVE, answers BUSY to all commands that a reservation could refuse, until the membership is
 * confirmed (or a new one has begun) and the unit's state was read again. A unit whose copy grants
 * nobody anything goes on: it may miss the <em>first</em> registration, made while this server was
 * cut off from ZooKeeper and from the server that made it, and admit commands, to its own
 * partitions, that a reservation under it excludes. Changes (PERSISTENT RESERVE OUT, RESERVE,
 * RELEASE, MODE SELECT, resets) are not made at all by a server that is cut off.
 *
 * <p>What power loss is. A unit has power while any process runs that has gone by its state. A
 * server that starts, and finds that no other has, forgets registrations without APTPL, RESERVE and
 * mode parameters.
 *
 * <p>{@link #open}, {@link #close(VolumeId)} and {@link #awaitKnown} may be called from any thread;
 * a unit can be opened before {@link #start}, and is BUSY until then.
 */
public final class ClusterUnits implements UnitChanges, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClusterUnits.class);
  private static final Duration TICK = Duration.ofSeconds(1);

  /** A change may have to outwait a dead server's session, and I/O that is being aborted. */
  private static final int SESSION_TIMEOUTS_PER_CHANGE = 2;

  private static final Duration CHANGE_MARGIN = Duration.ofSeconds(10);

  private final ServerId self;
  private final PeerCalls peers;
  private final UnitRegister register;
  private final ClusterMembers members;
  private final MembershipLease lease;
  private final Spreading spreading;
  private final Duration renewal;
  private final Duration changeLimit;
  private final LongSupplier nanoClock;
  private final long process = ThreadLocalRandom.current().nextLong();
  private final Map<VolumeId, UnitAgreement> units = new ConcurrentHashMap<>();
  private final ScheduledExecutorService thread;
  private volatile boolean isStarted;
  private volatile boolean isClosed;

  // Confined to the thread.
  private boolean isAsking;
  private Map<ServerId, Long> lastMembers = Map.of();

  /**
   * @param sessionTimeout as ZooKeeper has agreed to
   */
  public ClusterUnits(
      ServerId self, PeerCalls peers, CuratorFramework zookeeper, Duration sessionTimeout) {
    this(self, peers, new UnitZnodes(zookeeper), sessionTimeout);
  }

  private ClusterUnits(
      ServerId self, PeerCalls peers, UnitZnodes zookeeper, Duration sessionTimeout) {
    this(
        self,
        peers,
        zookeeper,
        zookeeper,
        sessionTimeout,
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread worker = new Thread(task, "units");
              worker.setDaemon(true);
              return worker;
            }),
        System::nanoTime);
  }

  ClusterUnits(
      ServerId self,
      PeerCalls peers,
      UnitRegister register,
      ClusterMembers members,
      Duration sessionTimeout,
      ScheduledExecutorService thread,
      LongSupplier nanoClock) {
    this.self = self;
    this.thread = thread;
    this.peers = peers;
    this.register = register;
    this.members = members;
    this.nanoClock = nanoClock;
    this.lease = new MembershipLease(sessionTimeout, nanoClock);
    this.spreading = new Spreading(self, peers, members, thread, nanoClock);
    this.renewal = sessionTimeout.dividedBy(8);
    this.changeLimit = sessionTimeout.multipliedBy(SESSION_TIMEOUTS_PER_CHANGE).plus(CHANGE_MARGIN);
  }

  /** Takes part from now on; the server is a member already. */
  public void start() {
    isStarted = true;
    peers.serve(UnitMessage.TOPIC, this::handle);
    thread.scheduleWithFixedDelay(this::renew, 0, renewal.toMillis(), TimeUnit.MILLISECONDS);
    thread.scheduleWithFixedDelay(
        this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A server has become a member, or is one no longer. Any thread. */
  public void membersChanged() {
    run(this::listMembers);
  }

  /** A volume's unit, until it is closed. Its state becomes known a moment later. */
  public SharedUnit open(VolumeId volume, VolumeName name) {
    UnitAgreement agreement =
        units.computeIfAbsent(
            volume,
            id ->
                new UnitAgreement(
                    id,
                    name,
                    new SharedUnit(self.value(), process, this, lease::current),
                    register,
                    spreading,
                    lease,
                    thread,
                    nanoClock,
                    changeLimit));
    run(agreement::refresh);
    return agreement.unit();
  }

  /** The volume is presented here no longer. */
  public void close(VolumeId volume) {
    UnitAgreement agreement = units.remove(volume);
    if (agreement != null) {
      run(agreement::close);
    }
  }

  /**
   * Waits until the states of all open units are known; not at all before {@link #start}.
   *
   * @return whether they are, within the limit
   */
  public boolean awaitKnown(Duration limit) {
    if (!isStarted) {
      return false;
    }
    try {
      CompletableFuture.allOf(
              units.values().stream()
                  .map(UnitAgreement::whenKnown)
                  .toArray(CompletableFuture[]::new))
          .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
          .join();
      return true;
    } catch (CompletionException e) {
      log.warn("Not all volumes' reservations are known yet; their commands are BUSY until then");
      return false;
    }
  }

  @Override
  public <R> void submit(SharedUnit unit, UnitChange<R> change, Listener<R> listener) {
    Optional<UnitAgreement> agreement =
        units.values().stream().filter(known -> known.unit() == unit).findFirst();
    if (agreement.isEmpty() || !run(() -> agreement.get().submit(change, listener))) {
      listener.done(new Outcome.Busy<>());
    }
  }

  /** Takes part no longer: what is granted to anybody is BUSY from now on. May be called twice. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    run(
        () -> {
          lease.end();
          units.values().forEach(UnitAgreement::close);
        });
    thread.shutdown();
  }

  private boolean run(Runnable action) {
    try {
      thread.execute(action);
      return true;
    } catch (RejectedExecutionException e) {
      log.debug("Closed");
      return false;
    }
  }

  // ---- What other servers ask, on the event loop of calls.

  private CompletableFuture<byte[]> handle(ServerId from, byte[] request) {
    try {
      UnitMessage message = UnitMessage.decode(request);
      UnitAgreement agreement = units.get(message.volume());
      if (agreement == null) {
        return CompletableFuture.completedFuture(UnitMessage.answer(Answer.NOT_SERVED));
      }
      SharedUnit unit = agreement.unit();
      switch (message.kind()) {
        case TAKE_OVER -> {
          UnitState state = UnitStateCodec.decode(message.content());
          Answer answer = unit.wasSettled() ? Answer.DONE_BY_WITNESS : Answer.DONE;
          return unit.takeOver(state).thenApply(quiet -> UnitMessage.answer(answer));
        }
        case SETTLE -> {
          unit.settle(message.revision());
          return CompletableFuture.completedFuture(UnitMessage.answer(Answer.DONE));
        }
      }
      throw new AssertionError(message.kind());
    } catch (IllegalArgumentException e) {
      log.warn("Server {} sent of a logical unit what can't be read: {}", from, e.getMessage());
      return CompletableFuture.failedFuture(
          new PeerException(PeerException.Reason.REFUSED, String.valueOf(e.getMessage())));
    }
  }

  // ---- On the thread.

  /** Asks ZooKeeper whether the membership stands, one question at a time. */
  private void renew() {
    if (isAsking || isClosed) {
      return;
    }
    isAsking = true;
    long asked = nanoClock.getAsLong();
    members
        .find(self)
        .whenComplete(
            (membership, failure) ->
                run(
                    () -> {
                      isAsking = false;
                      if (failure == null) {
                        told(membership, asked);
                      } else {
                        log.debug("The membership isn't confirmed", failure);
                      }
                    }));
  }

  private void told(Optional<Long> membership, long asked) {
    if (isClosed) {
      return;
    }
    if (membership.isEmpty()) {
      lease.end();
    } else if (lease.confirm(membership.get(), asked)) {
      units.values().forEach(UnitAgreement::refresh);
      listMembers();
    }
  }

  private void listMembers() {
    members
        .list()
        .whenComplete(
            (listed, failure) ->
                run(
                    () -> {
                      if (failure == null) {
                        listed(listed);
                      } else {
                        log.debug("The members aren't listed", failure);
                      }
                    }));
  }

  private void listed(Map<ServerId, Long> listed) {
    // Whoever has gone may have written a state and told nobody.
    boolean isAnyGone = !listed.entrySet().containsAll(lastMembers.entrySet());
    lastMembers = listed;
    if (isAnyGone) {
      units.values().forEach(UnitAgreement::refresh);
    }
  }

  private void tick() {
    if (lastMembers.isEmpty()) {
      return;
    }
    Predicate<String> isMember =
        id -> lastMembers.keySet().stream().anyMatch(member -> member.value().equals(id));
    for (UnitAgreement agreement : List.copyOf(units.values())) {
      agreement.tick(isMember);
    }
  }
}
