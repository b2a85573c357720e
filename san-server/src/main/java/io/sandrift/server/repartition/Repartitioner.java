package io.sandrift.server.repartition;

import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMaps;
import io.sandrift.volume.repartition.ClusterStanding;
import io.sandrift.volume.repartition.Move;
import io.sandrift.volume.repartition.MoveReport;
import io.sandrift.volume.repartition.Plan;
import io.sandrift.volume.repartition.PlanRecord;
import io.sandrift.volume.repartition.PlanRecords;
import io.sandrift.volume.repartition.PlanRequest;
import io.sandrift.volume.repartition.PlanState;
import io.sandrift.volume.repartition.Planner;
import io.sandrift.volume.repartition.Planning;
import io.sandrift.volume.repartition.ServerStanding;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What people do with plans: make, run, watch, pause, resume, cancel and undo them. Any server does
 * it for the cluster. Safe for all threads; blocks on ZooKeeper and on other servers.
 */
public final class Repartitioner implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Repartitioner.class);

  /** How a request to run or change a plan ended. */
  public sealed interface Answer {

    /** It is done. */
    record Done(PlanRecord record) implements Answer {}

    /**
     * It can't be done.
     *
     * @param reason why, and what to do
     */
    record Refused(String reason) implements Answer {}

    /** There is no such plan. */
    record Unknown() implements Answer {}
  }

  /**
   * How far a plan is.
   *
   * @param movesMade of the plan's moves
   * @param bytesMoved by these, and of the moves under way
   * @param bytesPerSecond of all servers together, lately
   */
  public record Progress(
      PlanRecord record,
      int movesMade,
      long bytesMoved,
      double bytesPerSecond,
      List<MoveReport> reports) {}

  private final VolumeCatalog catalog;
  private final PartitionMaps maps;
  private final PlanRecords records;
  private final InstantSource clock;
  private final RepartitionAgent agent;
  private final StandingSurvey survey;
  private final ServerId self;
  private final Supplier<List<Member>> members;
  private final ScheduledExecutorService automatic =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "auto-rebalance");
            worker.setDaemon(true);
            return worker;
          });

  /**
   * @param members those that are registered now
   * @param isDraining whether a server is being emptied, so that nothing is to move there
   * @param slowdown how long clients' commands take at a server now relative to when there is
   *     little to do; 1 when nobody knows
   */
  public Repartitioner(
      ServerId self,
      VolumeCatalog catalog,
      HostedVolumes volumes,
      PeerCalls calls,
      PartitionMaps maps,
      PlanRecords records,
      StoreRoom room,
      Supplier<List<Member>> members,
      Supplier<SystemLoad> load,
      Predicate<ServerId> isDraining,
      RepartitionAgent.Slowdown slowdown,
      InstantSource clock) {
    this.self = self;
    this.members = members;
    this.catalog = catalog;
    this.maps = maps;
    this.records = records;
    this.clock = clock;
    this.agent = new RepartitionAgent(self, volumes, calls, maps, records, room, slowdown, clock);
    this.survey = new StandingSurvey(self, volumes, calls, room, members, load, isDraining);
  }

  /** Begins to take part. */
  public void start() {
    survey.start();
    agent.start();
  }

  /**
   * Lets plans begin by themselves from now on: see {@link AutoRebalance}. Of all servers that do
   * so the one with the first id acts; should two think so for a moment, only one plan begins.
   *
   * @param interval between two looks
   */
  public void rebalanceAlone(Duration interval) {
    AutoRebalance auto = new AutoRebalance();
    automatic.scheduleWithFixedDelay(
        () -> {
          try {
            boolean isFirst =
                members.get().stream()
                    .map(Member::id)
                    .sorted()
                    .findFirst()
                    .equals(Optional.of(self));
            if (isFirst) {
              auto.look(standing(), history(), expectedRate(), clock.instant())
                  .ifPresent(plan -> run(plan, 0, "auto-rebalance"));
            }
          } catch (RuntimeException e) {
            LOG.warn("whether partitions should move could not be found out: {}", e.getMessage());
          }
        },
        interval.toMillis(),
        interval.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    automatic.shutdown();
    agent.close();
    survey.close();
    records.close();
  }

  /** What plans are made from now. */
  public ClusterStanding standing() {
    return survey.take(catalog.list());
  }

  /** Makes a plan, and does nothing about it. */
  public Planning plan(PlanRequest request) {
    return Planner.plan(standing(), request, expectedRate());
  }

  /** The rate that copying reached when it last ran here; 0 if it never did. */
  public double expectedRate() {
    return agent.bytesPerSecond();
  }

  /**
   * Runs a plan, unless it is out of date, doesn't fit, or one of its volumes has another.
   *
   * @param bytesPerSecond the most that all its moves together copy; 0 for no limit
   */
  public Answer run(Plan plan, long bytesPerSecond, String by) {
    if (plan.moves().isEmpty()) {
      return new Answer.Refused("the plan has no moves: all is as it should be");
    }
    Optional<String> obstacle = obstacle(plan);
    if (obstacle.isPresent()) {
      return new Answer.Refused(obstacle.get());
    }
    PlanRecords.Beginning beginning = records.begin(plan, bytesPerSecond, by);
    if (beginning instanceof PlanRecords.Beginning.Busy busy) {
      return new Answer.Refused(
          "plan "
              + busy.other().id()
              + " ("
              + busy.other().plan().purpose()
              + ") moves the same volumes; wait for its end, or cancel it");
    }
    return new Answer.Done(((PlanRecords.Beginning.Begun) beginning).record());
  }

  private Optional<String> obstacle(Plan plan) {
    ClusterStanding standing = standing();
    Map<ServerId, Long> arriving = new HashMap<>();
    for (Move move : plan.moves()) {
      Optional<PartitionMap> map = maps.find(move.volume());
      if (map.isEmpty() || !map.get().volume().equals(move.volumeId())) {
        return Optional.of("the plan is out of date: there is no volume '" + move.volume() + "'");
      }
      if (move.partition() >= map.get().size()
          || !map.get().entry(move.partition()).primary().equals(move.from())) {
        return Optional.of(
            "the plan is out of date: partition "
                + move.partition()
                + " of volume '"
                + move.volume()
                + "' isn't with "
                + move.from()
                + " any more; make a new plan");
      }
      arriving.merge(move.to(), move.bytes(), Long::sum);
    }
    for (Map.Entry<ServerId, Long> arrival : arriving.entrySet()) {
      Optional<ServerStanding> server = standing.server(arrival.getKey());
      if (server.isEmpty()) {
        return Optional.of("server '" + arrival.getKey() + "' is not alive; start it, then repeat");
      }
      if (server.get().isDraining()) {
        return Optional.of(Planner.drains(arrival.getKey()));
      }
      if (arrival.getValue() > server.get().roomBytes()) {
        return Optional.of(
            "the plan doesn't fit: server '"
                + arrival.getKey()
                + "' would get "
                + new ByteSize(arrival.getValue())
                + " and has room for "
                + new ByteSize(server.get().roomBytes()));
      }
    }
    return Optional.empty();
  }

  /** Plans that ran or run, the newest first. */
  public List<PlanRecord> history() {
    return records.list();
  }

  public Optional<Progress> progress(long id) {
    return records.find(id).map(this::progressOf);
  }

  private Progress progressOf(PlanRecord record) {
    Plan plan = record.plan();
    List<Move> made = made(plan);
    List<MoveReport> reports = record.state().isOver() ? List.of() : records.reports(record.id());
    long moved = made.stream().mapToLong(Move::bytes).sum();
    double rate = 0;
    for (MoveReport report : reports) {
      moved += Math.min(report.copiedBytes(), report.totalBytes());
      rate += report.bytesPerSecond();
    }
    return new Progress(record, made.size(), Math.min(moved, plan.bytes()), rate, reports);
  }

  private List<Move> made(Plan plan) {
    Map<VolumeId, Optional<PartitionMap>> known = new HashMap<>();
    List<Move> made = new ArrayList<>();
    for (Move move : plan.moves()) {
      Optional<PartitionMap> map =
          known.computeIfAbsent(move.volumeId(), id -> maps.find(move.volume()));
      if (map.isPresent()
          && map.get().volume().equals(move.volumeId())
          && map.get().entry(move.partition()).primary().equals(move.to())) {
        made.add(move);
      }
    }
    return made;
  }

  /** Breaks off what is under way, and begins nothing more until the plan is resumed. */
  public Answer pause(long id) {
    return change(
        id,
        record -> record.state() == PlanState.RUNNING || record.state() == PlanState.PAUSED,
        record -> record.as(PlanState.PAUSED, clock.instant(), record.note()),
        "be paused");
  }

  public Answer resume(long id) {
    return change(
        id,
        record -> record.state() == PlanState.RUNNING || record.state() == PlanState.PAUSED,
        record -> record.as(PlanState.RUNNING, clock.instant(), record.note()),
        "be resumed");
  }

  /** Sets the most that the plan copies each second; 0 for no limit. */
  public Answer rate(long id, long bytesPerSecond) {
    return change(
        id, record -> !record.state().isOver(), record -> record.at(bytesPerSecond), "be changed");
  }

  /**
   * Ends a plan before its end.
   *
   * @param keepsMoves whether what has moved stays where it is; else it goes back
   */
  public Answer cancel(long id, boolean keepsMoves) {
    return change(
        id,
        record -> !record.state().isOver(),
        record -> {
          List<Move> made = made(record.plan());
          boolean isGoingBack = record.state() == PlanState.GOING_BACK;
          if (keepsMoves || (made.isEmpty() && !isGoingBack)) {
            return record.as(
                PlanState.CANCELLED, clock.instant(), made.size() + " moves were kept");
          }
          if (isGoingBack) {
            return record;
          }
          Plan back =
              new Plan(
                      record.plan().purpose(),
                      made,
                      record.plan().leastBytes(),
                      record.plan().effects())
                  .reversed();
          return record
              .with(back)
              .as(PlanState.GOING_BACK, clock.instant(), "cancelled; going back");
        },
        "be cancelled");
  }

  /** Runs the way back of a plan that is done. */
  public Answer undo(long id, String by) {
    Optional<PlanRecord> found = records.find(id);
    if (found.isEmpty()) {
      return new Answer.Unknown();
    }
    if (!found.get().state().isOver()) {
      return new Answer.Refused(
          "plan " + id + " isn't over; 'sandrift repartition cancel " + id + "' takes it back");
    }
    Plan plan = found.get().plan();
    Plan made = new Plan(plan.purpose(), made(plan), plan.leastBytes(), plan.effects());
    return run(made.reversed(), found.get().bytesPerSecond(), by);
  }

  private interface Condition {
    boolean holds(PlanRecord record);
  }

  private Answer change(
      long id, Condition condition, UnaryOperator<PlanRecord> change, String what) {
    boolean[] isAllowed = {true};
    Optional<PlanRecord> changed =
        records.update(
            id,
            record -> {
              isAllowed[0] = condition.holds(record);
              return isAllowed[0] ? change.apply(record) : record;
            });
    if (changed.isEmpty()) {
      return new Answer.Unknown();
    }
    return isAllowed[0]
        ? new Answer.Done(changed.get())
        : new Answer.Refused(
            "plan "
                + id
                + " is "
                + changed.get().state().name().toLowerCase(Locale.ROOT).replace('_', ' ')
                + " and can't "
                + what);
  }

  /** What passes through a volume's partitions, by number. */
  public Map<Integer, PartitionRate> load(Volume volume) {
    return survey.rates(volume.id());
  }

  /** The volume's map, as ZooKeeper has it. */
  public Optional<PartitionMap> map(Volume volume) {
    return maps.find(volume.name()).filter(map -> map.volume().equals(volume.id()));
  }
}
