package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.policy.IntakeChange;
import io.sandrift.server.distribution.policy.IntakeList;
import io.sandrift.server.distribution.policy.IntakePolicy;
import io.sandrift.server.distribution.policy.IntakeState;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.curator.framework.CuratorFramework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This server's part in the intakes: its own list of them, the changes that its rules ask for, and
 * the messages. Confined to distribution's thread, but for what waits for ZooKeeper.
 *
 * <pre>
 *   rules: change ──compare-and-set──▶ lost: whoever won has told, or the znode will
 *                          └─────────▶ won: intake message to all servers ──▶ each updates its list
 *                                      the new intake, on hearing it ──▶ confirms, to all servers
 *   list unconfirmed ──▶ asks the intake, which may have confirmed while this server was away
 * </pre>
 *
 * <p>The servers' samples are the status messages: they carry who it is and its load.
 */
final class Intakes implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Intakes.class);

  private static final Duration LOOK = Duration.ofMillis(250);
  private static final Duration NEWS_LIMIT = Duration.ofSeconds(1);

  private final Surroundings surroundings;
  private final Allocator allocator;
  private final Mesh mesh;
  private final GuardedThread thread;
  private final ExecutorService waiting;
  private final Designations history;
  private final Clock clock;
  private final IntakeBoard board;
  private final IntakeList list = new IntakeList();
  private final Set<String> known = new TreeSet<>();

  /** Services whose change is being carried out. */
  private final Set<String> changing = new HashSet<>();

  /** Services whose intake is being asked to confirm. */
  private final Set<String> asking = new HashSet<>();

  /**
   * @param waiting for requests to ZooKeeper that wait
   */
  Intakes(
      Surroundings surroundings,
      Allocator allocator,
      CuratorFramework zookeeper,
      Mesh mesh,
      ScheduledExecutorService thread,
      ExecutorService waiting,
      Designations history,
      Clock clock) {
    this.surroundings = surroundings;
    this.allocator = allocator;
    this.mesh = mesh;
    this.thread = new GuardedThread(thread);
    this.waiting = waiting;
    this.history = history;
    this.clock = clock;
    this.board = new IntakeBoard(zookeeper, state -> this.thread.execute(() -> heard(state)));
    mesh.serve(
        Wire.INTAKE,
        Wire.IntakeNews.class,
        (from, news) -> {
          heard(IntakeBoard.state(news));
          boolean isOwn = surroundings.self().value().equals(news.intake());
          return CompletableFuture.completedFuture(
              new Wire.Done(isOwn && isConfirmed(news.service(), news.epoch()), ""));
        });
    mesh.serve(
        Wire.INTAKE_CONFIRMED,
        Wire.IntakeNews.class,
        (from, news) -> {
          heard(IntakeBoard.state(news));
          boolean isRight = list.confirm(news.service(), from, news.epoch());
          return CompletableFuture.completedFuture(new Wire.Done(isRight, ""));
        });
  }

  void start() {
    board.start();
    thread.every(LOOK, this::look);
  }

  @Override
  public void close() {
    board.close();
  }

  /** What this server's list has of the services that have an intake by their policy. */
  List<IntakeInfo> list() {
    List<IntakeInfo> all = new ArrayList<>();
    for (String service : known) {
      if (allocator.intake(service) == null) {
        continue;
      }
      list.find(service)
          .ifPresent(
              entry -> {
                ServerId intake = entry.state().intake();
                all.add(
                    new IntakeInfo(
                        service,
                        intake == null ? null : intake.value(),
                        entry.state().epoch(),
                        entry.state().since().toEpochMilli(),
                        entry.isConfirmed()));
              });
    }
    return all;
  }

  private void look() {
    allocator.services().forEach(this::review);
    for (String service : known) {
      list.find(service).filter(entry -> !entry.isConfirmed()).ifPresent(this::askToConfirm);
    }
  }

  /** Who was away when the intake confirmed asks it for that. */
  private void askToConfirm(IntakeList.Entry entry) {
    IntakeState state = entry.state();
    ServerId intake = state.intake();
    if (intake == null || !asking.add(state.service())) {
      return;
    }
    mesh.ask(intake, Wire.INTAKE, IntakeBoard.news(state), Wire.Done.class, NEWS_LIMIT)
        .whenComplete(
            (answer, failure) ->
                thread.execute(
                    () -> {
                      asking.remove(state.service());
                      if (failure == null && answer.ok()) {
                        list.confirm(state.service(), intake, state.epoch());
                      }
                    }));
  }

  private boolean isConfirmed(String service, long epoch) {
    return list.find(service)
        .filter(entry -> entry.state().epoch() == epoch && entry.isConfirmed())
        .isPresent();
  }

  /** Changes the intake of a service if it is time; does nothing under another policy. */
  void review(String service) {
    IntakePolicy policy = allocator.intake(service);
    if (policy == null || changing.contains(service)) {
      return;
    }
    policy.assume(
        list.find(service).map(IntakeList.Entry::state).orElse(IntakeState.initial(service)));
    policy
        .review(surroundings.self(), surroundings.load(), surroundings, clock.instant())
        .ifPresent(this::carryOut);
  }

  private void carryOut(IntakeChange change) {
    String service = change.after().service();
    changing.add(service);
    try {
      waiting.execute(
          () -> {
            boolean won = false;
            try {
              won = board.change(change);
            } catch (Exception e) {
              LOG.warn("the intake of {} can't be changed: {}", service, e.toString());
            }
            boolean holds = won;
            thread.execute(() -> carriedOut(change, holds));
          });
    } catch (RejectedExecutionException e) {
      changing.remove(service);
    }
  }

  private void carriedOut(IntakeChange change, boolean holds) {
    changing.remove(change.after().service());
    if (!holds) {
      return;
    }
    IntakeState after = change.after();
    ServerId before = change.before().intake();
    ServerId intake = after.intake();
    LOG.info(
        "{} of {}, epoch {}: {}", change.kind(), after.service(), after.epoch(), change.reason());
    history.add(
        new Assignment(
            clock.millis(),
            Assignment.Kind.INTAKE,
            "",
            "",
            "",
            after.service(),
            before == null ? "" : before.value(),
            intake == null ? "" : intake.value(),
            "intake",
            surroundings.self().value(),
            change.reason(),
            change.numbers(),
            ""));
    heard(after);
    mesh.askAll(
        surroundings.members(), Wire.INTAKE, IntakeBoard.news(after), Wire.Done.class, NEWS_LIMIT);
  }

  /** An intake message, or the znode itself, which tells those whom no message reached. */
  private void heard(IntakeState state) {
    if (!list.announce(state)) {
      return;
    }
    known.add(state.service());
    if (surroundings.self().equals(state.intake())) {
      list.confirm(state.service(), surroundings.self(), state.epoch());
      mesh.askAll(
          surroundings.members(),
          Wire.INTAKE_CONFIRMED,
          IntakeBoard.news(state),
          Wire.Done.class,
          NEWS_LIMIT);
    }
    IntakePolicy policy = allocator.intake(state.service());
    if (policy != null) {
      policy.assume(state);
    }
  }
}
