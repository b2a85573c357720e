package io.sandrift.server.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMaps;
import io.sandrift.volume.repartition.Move;
import io.sandrift.volume.repartition.MoveReport;
import io.sandrift.volume.repartition.Plan;
import io.sandrift.volume.repartition.PlanRecord;
import io.sandrift.volume.repartition.PlanRecords;
import io.sandrift.volume.repartition.PlanState;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's part in the plans: makes the moves by which it gives partitions away, one after the
 * other, and notes when a plan is done.
 *
 * <p>A plan has no driver that could die. Its record in ZooKeeper says what is wanted, the
 * partition maps say what has been done, and each server gives away what it still has of what it is
 * to give: so whoever was killed goes on after its restart, and the others meanwhile.
 *
 * <p>Moves are made on {@code repartition}, this class's own thread; reports on {@code
 * repartition-report}.
 */
public final class RepartitionAgent implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RepartitionAgent.class);

  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);

  /** While a plan isn't over, how often it is looked at though nothing was heard. */
  private static final long IDLE_MILLIS = 2000;

  /** A move that failed is tried again after a pause that grows up to this. */
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

  /** After so many attempts at one move the plan has failed. */
  private static final int MAX_ATTEMPTS = 40;

  private record Place(VolumeId volume, int partition) {}

  /**
   * How often a move was tried in vain, and when it may be again.
   *
   * @param what the whole sentence, of which {@code reason} is the end
   */
  private record Trouble(int attempts, long notBeforeNanos, String what, String reason) {}

  private final ServerId self;
  private final HostedVolumes volumes;
  private final PeerCalls calls;
  private final PartitionMaps maps;
  private final PlanRecords records;
  private final InstantSource clock;
  private final Arrivals arrivals;
  private final Pace pace;
  private final Thread thread = new Thread(this::run, "repartition");
  private final ScheduledExecutorService reporting =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "repartition-report");
            worker.setDaemon(true);
            return worker;
          });

  /** Of moves of plans that aren't over. Touched by the thread only. */
  private final Map<Place, Trouble> troubles = new HashMap<>();

  /** Plans that this server has reported on. Touched by the reporting thread only. */
  private final Set<Long> reported = new HashSet<>();

  /** By which {@link #isWanted} was found. Touched by the thread only, like that. */
  private @Nullable Move judged;

  private int judgedVersion;

  private boolean isWanted;

  private volatile @Nullable PartitionMove current;
  private volatile long currentPlan;
  private volatile String waiting = "";

  /** Why the attempt before the current one failed; empty for a first attempt. */
  private volatile String retriedFor = "";

  private volatile boolean isClosed;

  /** Holds something while there may be something to do. */
  private final ArrayBlockingQueue<Boolean> called = new ArrayBlockingQueue<>(1);

  /**
   * @param slowdown how long clients' commands take at a server now relative to when there is
   *     little to do; 1 when nobody knows
   */
  @SuppressWarnings("ThreadPriorityCheck") // a hint to the scheduler; nothing rests on it
  public RepartitionAgent(
      ServerId self,
      HostedVolumes volumes,
      PeerCalls calls,
      PartitionMaps maps,
      PlanRecords records,
      StoreRoom room,
      Slowdown slowdown,
      InstantSource clock) {
    this.self = self;
    this.volumes = volumes;
    this.calls = calls;
    this.maps = maps;
    this.records = records;
    this.clock = clock;
    this.arrivals = new Arrivals(volumes, calls, room, this::isLeaving, self);
    this.pace = new Pace(() -> slowdown(slowdown), System::nanoTime, clock);
    thread.setDaemon(true);
    thread.setPriority(Thread.MIN_PRIORITY);
  }

  /** What clients feel; see {@link RepartitionAgent}. Safe for all threads. */
  @FunctionalInterface
  public interface Slowdown {
    double at(ServerId server);
  }

  /** Whoever feels the move more: the clients of this server, or those of the one that takes. */
  private double slowdown(Slowdown slowdown) {
    PartitionMove move = current;
    return Math.max(slowdown.at(self), move == null ? 1 : slowdown.at(move.to()));
  }

  /** Begins to take part: takes partitions in, and gives away what plans ask for. */
  public void start() {
    calls.serve(MoveMessages.IS_UNDER_WAY, this::isUnderWay);
    arrivals.start();
    records.watch(this::call);
    thread.start();
    reporting.scheduleWithFixedDelay(
        this::report,
        REPORT_INTERVAL.toMillis(),
        REPORT_INTERVAL.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  /**
   * Breaks off what is under way. What is not in the map yet is begun anew after the next start.
   */
  @Override
  public void close() {
    isClosed = true;
    call();
    reporting.shutdown();
    arrivals.close();
    try {
      // Not interrupted: it may be in the middle of file I/O.
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The rate at which this server copies, or last did, in bytes each second; 0 if it never has. */
  public double bytesPerSecond() {
    return pace.measured();
  }

  private void call() {
    called.offer(true);
  }

  private boolean isLeaving(VolumeId volume, int partition) {
    PartitionMove move = current;
    return move != null
        && move.volume().volume().id().equals(volume)
        && move.partition() == partition;
  }

  private CompletableFuture<byte[]> isUnderWay(ServerId from, byte[] question) {
    PartitionMove move = current;
    boolean isYes =
        move != null
            && move.to().equals(from)
            && Arrays.equals(
                question, MoveMessages.question(move.volume().volume().id(), move.partition()));
    return CompletableFuture.completedFuture(isYes ? MoveMessages.YES : MoveMessages.NO);
  }

  // ---- On the thread.

  private void run() {
    while (!isClosed) {
      boolean isBusy = false;
      try {
        List<PlanRecord> plans = records.cached();
        if (plans.isEmpty()) {
          troubles.clear();
        }
        for (PlanRecord plan : plans) {
          isBusy |= plan.state().isMoving() && advance(plan);
        }
        awaitCall(isBusy, plans.isEmpty());
      } catch (CatalogException e) {
        LOG.warn("plans wait for ZooKeeper: {}", e.getMessage());
        awaitCall(false, false);
      } catch (RuntimeException e) {
        LOG.error("a plan can't go on for a reason that should not be; trying again", e);
        awaitCall(false, false);
      }
    }
  }

  private void awaitCall(boolean isBusy, boolean isIdle) {
    try {
      if (!isBusy && !isClosed) {
        called.poll(isIdle ? IDLE_MILLIS * 30 : IDLE_MILLIS, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      LOG.error("the repartition thread was interrupted, which nobody should do", e);
      isClosed = true;
    }
  }

  /**
   * Makes one move, or finds that there is none to make now.
   *
   * @return whether it is worth looking again at once
   */
  private boolean advance(PlanRecord plan) {
    boolean isAllDone = true;
    String reason = "";
    for (Move move : plan.plan().moves()) {
      Optional<HostedVolume> volume = volumes.hosted(move.volumeId());
      if (volume.isEmpty()) {
        isAllDone &= isDeleted(move);
        continue;
      }
      ServerId owner = volume.get().map().entry(move.partition()).primary();
      if (owner.equals(move.to())) {
        continue;
      }
      isAllDone = false;
      if (!move.from().equals(self) || !owner.equals(self)) {
        continue;
      }
      Trouble trouble = troubles.get(new Place(move.volumeId(), move.partition()));
      if (trouble != null && System.nanoTime() - trouble.notBeforeNanos() < 0) {
        reason = trouble.what();
        continue;
      }
      make(plan, move, volume.get());
      return true;
    }
    waiting = reason;
    if (isAllDone && isMade(plan.plan())) {
      end(plan);
    }
    return false;
  }

  /** Whether ZooKeeper says so: this server may have heard of older maps only. */
  private boolean isMade(Plan plan) {
    Map<VolumeId, Optional<PartitionMap>> read = new HashMap<>();
    return plan.moves().stream()
        .allMatch(
            move ->
                read.computeIfAbsent(move.volumeId(), volume -> map(move))
                    .map(map -> map.entry(move.partition()).primary().equals(move.to()))
                    .orElse(true));
  }

  private boolean isDeleted(Move move) {
    return map(move).isEmpty();
  }

  /** The map of the move's volume, from ZooKeeper; empty when the volume is gone. */
  private Optional<PartitionMap> map(Move move) {
    return maps.find(move.volume()).filter(map -> map.volume().equals(move.volumeId()));
  }

  private void end(PlanRecord plan) {
    records.update(
        plan.id(),
        now ->
            switch (now.state()) {
              case RUNNING ->
                  now.plan().equals(plan.plan())
                      ? now.as(PlanState.DONE, clock.instant(), now.note())
                      : now;
              case GOING_BACK ->
                  now.plan().equals(plan.plan())
                      ? now.as(PlanState.CANCELLED, clock.instant(), now.note())
                      : now;
              case PAUSED, DONE, CANCELLED, FAILED -> now;
            });
  }

  private void make(PlanRecord plan, Move move, HostedVolume volume) {
    judged = null;
    pace.limit(plan.bytesPerSecond() / (double) sources(plan.plan()));
    PartitionMove attempt =
        new PartitionMove(
            self,
            volume,
            move.partition(),
            move.to(),
            calls,
            maps,
            pace,
            () -> volumes.hosted(move.volumeId()).orElse(volume),
            () -> isWanted(plan, move),
            () -> isClosed);
    Place place = new Place(move.volumeId(), move.partition());
    Trouble trouble = troubles.get(place);
    retriedFor = trouble == null ? "" : trouble.reason();
    currentPlan = plan.id();
    current = attempt;
    MoveOutcome outcome;
    long began = System.nanoTime();
    try {
      outcome = attempt.run();
    } finally {
      current = null;
    }
    if (outcome instanceof MoveOutcome.Stayed stayed) {
      failed(plan, move, place, stayed.reason());
    } else if (outcome instanceof MoveOutcome.Moved moved) {
      troubles.remove(place);
      LOG.info(
          "partition {} of volume '{}' is with {} now: {} bytes in {} ms",
          move.partition(),
          move.volume(),
          move.to(),
          moved.bytes(),
          TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }
  }

  private void failed(PlanRecord plan, Move move, Place place, String reason) {
    if (isClosed || !isWanted(plan, move)) {
      return;
    }
    Trouble before = troubles.get(place);
    int attempts = before == null ? 1 : before.attempts() + 1;
    String what =
        "partition "
            + move.partition()
            + " of volume '"
            + move.volume()
            + "' can't move from "
            + move.from()
            + " to "
            + move.to()
            + " yet: "
            + reason;
    LOG.warn("{} (attempt {})", what, attempts);
    long pause = Math.min(LONGEST_PAUSE.toMillis(), 250L << Math.min(attempts - 1, 10));
    troubles.put(
        place,
        new Trouble(
            attempts, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pause), what, reason));
    if (attempts >= MAX_ATTEMPTS) {
      troubles.remove(place);
      records.update(
          plan.id(),
          now -> now.state().isMoving() ? now.as(PlanState.FAILED, clock.instant(), what) : now);
    }
  }

  /** Whether the plan still asks for the move, as far as this server has heard. */
  private boolean isWanted(PlanRecord plan, Move move) {
    if (isClosed) {
      return false;
    }
    for (PlanRecord now : records.cached()) {
      if (now.id() == plan.id()) {
        // The same record again, most of the time; a plan may have thousands of moves.
        if (now.version() != judgedVersion || !move.equals(judged)) {
          judged = move;
          judgedVersion = now.version();
          pace.limit(now.bytesPerSecond() / (double) sources(now.plan()));
          isWanted = now.state().isMoving() && now.plan().moves().contains(move);
        }
        return isWanted;
      }
    }
    return false;
  }

  private static long sources(Plan plan) {
    return Math.max(1, plan.moves().stream().map(Move::from).distinct().count());
  }

  // ---- Reports.

  private void report() {
    try {
      Set<Long> active = new HashSet<>();
      for (PlanRecord plan : records.cached()) {
        if (plan.plan().moves().stream().anyMatch(move -> move.from().equals(self))) {
          active.add(plan.id());
          records.report(plan.id(), reportOf(plan));
          reported.add(plan.id());
        }
      }
      for (Long id : new ArrayList<>(reported)) {
        if (!active.contains(id)) {
          records.withdrawReport(id, self);
          reported.remove(id);
        }
      }
    } catch (RuntimeException e) {
      LOG.debug("no report could be made", e);
    }
  }

  private MoveReport reportOf(PlanRecord plan) {
    PartitionMove move = current;
    if (move == null || currentPlan != plan.id()) {
      return new MoveReport(self, waiting.isEmpty() ? "nothing to do now" : waiting, 0, 0, 0);
    }
    return new MoveReport(
        self,
        "partition "
            + move.partition()
            + " of volume '"
            + move.volume().volume().name()
            + "' to "
            + move.to()
            + (retriedFor.isEmpty() ? "" : "; it was tried before: " + retriedFor),
        move.copiedBytes(),
        move.totalBytes(),
        pace.measured());
  }
}
