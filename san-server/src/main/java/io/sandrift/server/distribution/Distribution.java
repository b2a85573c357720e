package io.sandrift.server.distribution;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.Availability;
import io.sandrift.load.view.Expected;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.policy.SessionMove;
import io.sandrift.server.login.LoginQuery;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import io.sandrift.server.target.ClientDistribution;
import io.sandrift.server.target.LoginRoute;
import io.sandrift.server.target.PresentedTargets;
import io.sandrift.server.target.Target;
import io.sandrift.server.trace.Trace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Client distribution of one server.
 *
 * <pre>
 *   login ──▶ expected here (reserved)? ──▶ here
 *         ──▶ on its way elsewhere (moving)? ──▶ there
 *         ──▶ the policy, or the master, selects ──▶ reserve there ──▶ redirect or relay
 *                        ▲                              │ refused
 *                        └──────────────────────────────┘ at most twice, then here
 * </pre>
 *
 * <p>A login that was sent here by such a decision finds its reservation, and is served: nobody is
 * sent on twice. All state but that of the boards is confined to the thread {@code distribution};
 * the public methods are safe for all threads.
 */
public final class Distribution
    implements ClientDistribution, Availability, ClientTransfer, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Distribution.class);

  private static final Duration NEWS_LIMIT = Duration.ofSeconds(1);

  /** An initiator may log in anew before the end of the session that it logged out of is told. */
  private static final Duration LEAVING_LIMIT = Duration.ofMillis(600);

  private final Surroundings surroundings;
  private final PresentedTargets targets;
  private final DistributionLimits limits;
  private final Clock clock;
  private final ScheduledExecutorService thread = daemon("distribution");
  private final GuardedThread tasks = new GuardedThread(thread);
  private final ScheduledExecutorService waiting = daemon("distribution-zk");
  private final Mesh mesh;
  private final PolicyBoard policies;
  private final DrainFlags drains;
  private final Mastership mastership;
  private final Intakes intakes;
  private final Allocator allocator;
  private final AssignmentLog log;
  private final Designations designations;
  private final CarriedClients carried;
  private final ServedSessions served;
  private final Whereabouts whereabouts;
  private final Links links;
  private final SlaveRole slave;
  private final Handover handover;
  private final Moves moves;
  private final Balancer balancer;
  private final Draining draining;
  private final SessionDirectory directory;

  /**
   * @param zookeeper started by the caller, and closed by it after this
   * @param targets what this server presents
   */
  public Distribution(
      Surroundings surroundings,
      PresentedTargets targets,
      CuratorFramework zookeeper,
      PeerCalls peers,
      DistributionLimits limits,
      Clock clock) {
    this.surroundings = surroundings;
    this.targets = targets;
    this.limits = limits;
    this.clock = clock;
    this.mesh = new Mesh(peers, thread);
    this.carried = new CarriedClients(surroundings, mesh, clock);
    this.log = new AssignmentLog(limits.logEntries());
    this.designations = new Designations(zookeeper, waiting);
    this.policies = new PolicyBoard(zookeeper, service -> {});
    this.drains = new DrainFlags(zookeeper);
    this.mastership = new Mastership(zookeeper, surroundings.self(), waiting, this::elected);
    this.allocator = new Allocator(surroundings, policies, clock);
    this.intakes =
        new Intakes(surroundings, allocator, zookeeper, mesh, thread, waiting, designations, clock);
    this.served = new ServedSessions(surroundings.self());
    this.whereabouts = new Whereabouts(mesh, served::contains, clock);
    this.links = new Links(surroundings, tasks, limits, clock);
    Selection selection = new Selection(surroundings, allocator, mesh, thread, limits, clock);
    this.slave =
        new SlaveRole(
            surroundings,
            policies,
            mastership,
            intakes,
            allocator,
            selection,
            mesh,
            thread,
            limits,
            log);
    MasterRole master =
        new MasterRole(surroundings, mastership, allocator, selection, thread, clock);
    this.handover = new Handover(surroundings, mesh, thread, limits, log, clock);
    this.moves = new Moves(surroundings, served, allocator, handover, mesh);
    this.balancer = new Balancer(allocator, mastership, surroundings, thread, moves::order);
    this.draining =
        new Draining(
            surroundings.self(),
            drains,
            served,
            allocator,
            handover,
            moves,
            links,
            mesh,
            waiting,
            clock);
    this.directory = new SessionDirectory(surroundings, mesh);
    mesh.serve(Wire.RESERVE, Wire.Reservation.class, (from, asked) -> now(() -> reserve(asked)));
    mesh.serve(Wire.MOVING, Wire.Moving.class, (from, news) -> now(() -> moving(news)));
    mesh.serve(Wire.ARRIVED, Wire.Arrived.class, (from, news) -> now(() -> arrived(news)));
    mesh.serve(Wire.LEFT, Wire.Which.class, (from, which) -> left(which.session()));
    mesh.serve(Wire.MOVE, Wire.Order.class, (from, order) -> moves.carryOut(order));
    mesh.serve(
        Wire.LOG_IN_AGAIN,
        Wire.Which.class,
        (from, which) -> now(() -> moves.logInAgain(which.session())));
    mesh.serve(
        Wire.SESSIONS,
        Wire.Which.class,
        (from, which) -> now(() -> new Wire.Sessions(own(which.session()))));
    mesh.serve(
        Wire.ASSIGNMENTS,
        Wire.Which.class,
        (from, which) ->
            now(() -> new Wire.Assignments(log.newest(which.session(), which.most()))));
    mesh.serve(Wire.SELECT, Wire.Select.class, (from, asked) -> master.select(asked));
  }

  /** Takes part from now on. ZooKeeper need not answer yet. */
  public void start() throws Exception {
    policies.start();
    drains.start();
    designations.start();
    intakes.start();
    mastership.start();
    balancer.start();
    tasks.every(Duration.ofSeconds(1), draining::goOn);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    mastership.close();
    intakes.close();
    designations.close();
    drains.close();
    policies.close();
    waiting.shutdownNow();
  }

  // ---- Logins.

  @Override
  public CompletableFuture<LoginRoute> route(LoginQuery query, Target target) {
    Wire.Who who =
        new Wire.Who(
            SessionIdentity.idOf(query.initiatorName().value(), query.isid(), target.name()),
            query.initiatorName().value(),
            query.isid().toString(),
            target.name(),
            Trace.begin().toString());
    CompletableFuture<LoginRoute> route = new CompletableFuture<>();
    LoginRoute here = new LoginRoute.Here(who.session(), who.tracing());
    try {
      thread.execute(
          () -> {
            try {
              whereabouts
                  .recognise(who)
                  .thenComposeAsync(known -> route(whereabouts.traced(known), target), thread)
                  .whenComplete(
                      (found, failure) -> {
                        if (failure != null) {
                          LOG.error("no decision for {}", who, failure);
                        }
                        route.complete(failure == null ? found : here);
                      });
            } catch (RuntimeException e) {
              LOG.error("no decision for {}", who, e);
              route.complete(here);
            }
          });
    } catch (RejectedExecutionException e) {
      route.complete(new LoginRoute.Unavailable("the server stops"));
    }
    return route;
  }

  @Override
  public CompletableFuture<Void> carries(
      TargetAddress to, InetSocketAddress connection, InetAddress client) {
    return carried.tell(to, connection, client);
  }

  @Override
  public InetAddress client(InetSocketAddress connection) {
    return carried.of(connection);
  }

  private CompletableFuture<LoginRoute> route(Wire.Who who, Target target) {
    String id = who.session();
    ServerId self = surroundings.self();
    ServerId to = whereabouts.isExpected(id) ? self : whereabouts.destination(id);
    if (self.equals(to)) {
      return CompletableFuture.completedFuture(new LoginRoute.Here(id, who.tracing()));
    }
    if (to != null && surroundings.isAlive(to)) {
      return CompletableFuture.completedFuture(link(who, target, to));
    }
    whereabouts.giveUp(id);
    return slave
        .decide(who, target)
        .thenApplyAsync(decision -> route(who, target, decision), thread);
  }

  private LoginRoute route(Wire.Who who, Target target, Optional<Decision> decision) {
    ServerId self = surroundings.self();
    if (decision.isEmpty()) {
      ServerLoad own = surroundings.load().find(self);
      if (own != null && !own.admits(target.service()) && isAnotherAlive()) {
        return new LoginRoute.Unavailable(
            self + " takes no new sessions of " + target.service() + ", and no other server can");
      }
      return here(
          who,
          assignment(
              who, target, self, "local", "no server was selected; " + self + " was reached"));
    }
    Decision made = decision.get();
    return made.server().equals(self)
        ? here(who, made.assignment())
        : link(who, target, made.server());
  }

  private LoginRoute here(Wire.Who who, Assignment why) {
    // Its own reservation keeps the decision until the session begins.
    whereabouts.expect(
        new Wire.Reservation(who, 0, 0, 0, why), clock.instant().plus(limits.arrival()));
    return new LoginRoute.Here(who.session(), who.tracing());
  }

  private boolean isAnotherAlive() {
    return surroundings.load().alive().size() > 1;
  }

  private LoginRoute link(Wire.Who who, Target target, ServerId to) {
    return surroundings
        .portal(to)
        .map(
            address ->
                links.link(
                    who,
                    policies.of(target.service()).link(),
                    to,
                    address,
                    drains.isDraining(surroundings.self())))
        .orElseGet(() -> new LoginRoute.Unavailable(to + " has just gone"));
  }

  private Assignment assignment(
      Wire.Who who, Target target, ServerId to, String policy, String reason) {
    return new Assignment(
        clock.millis(),
        Assignment.Kind.ALLOCATION,
        who.session(),
        who.initiator(),
        target.alias(),
        target.service(),
        surroundings.self().value(),
        to.value(),
        policy,
        surroundings.self().value(),
        reason,
        Map.of(),
        who.trace());
  }

  private void elected(Optional<Mastership.Master> before, Mastership.Master now) {
    designations.add(
        new Assignment(
            clock.millis(),
            Assignment.Kind.MASTER,
            "",
            "",
            "",
            "",
            before.map(master -> master.server().value()).orElse(""),
            now.server().value(),
            "election",
            now.server().value(),
            now.server()
                + " won the election"
                + before.map(master -> " after " + master.server()).orElse(""),
            Map.of("epoch", (double) now.epoch()),
            ""));
  }

  // ---- What others ask and tell.

  private Wire.Done reserve(Wire.Reservation asked) {
    if (asked.masterEpoch() != 0 && !mastership.accept(asked.masterEpoch())) {
      return new Wire.Done(
          false, "the master of epoch " + asked.masterEpoch() + " is the master no longer");
    }
    if (drains.isDraining(surroundings.self())) {
      return new Wire.Done(false, surroundings.self() + " is being drained");
    }
    if (targets.find(asked.who().target()) == null) {
      return new Wire.Done(false, asked.who().target() + " is not presented here yet");
    }
    Instant expires = clock.instant().plusMillis(asked.validMillis());
    whereabouts.expect(asked, expires);
    surroundings.expect(
        new Expected(asked.who().session(), surroundings.self(), asked.pressure(), expires));
    asked
        .who()
        .tracing()
        .on(LOG.atInfo())
        .log("session {} is expected here: {}", asked.who().session(), asked.decision().reason());
    return Wire.Done.OK;
  }

  private Wire.Done moving(Wire.Moving news) {
    whereabouts.moving(news);
    return Wire.Done.OK;
  }

  private CompletableFuture<Wire.Done> left(String session) {
    ServedSessions.Served found = served.find(session);
    if (found == null) {
      return CompletableFuture.completedFuture(Wire.Done.OK);
    }
    return found
        .session()
        .whenEnded()
        .thenApply(ended -> Wire.Done.OK)
        .completeOnTimeout(
            new Wire.Done(false, ""), LEAVING_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Wire.Done arrived(Wire.Arrived news) {
    String session = news.who().session();
    ServerId server = new ServerId(news.server());
    Wire.Moving move = whereabouts.arrived(session, server);
    if (move != null) {
      remember(move, server);
    }
    links.arrived(session);
    handover.arrived(session, server);
    return Wire.Done.OK;
  }

  /** Whoever asked for the move, the next master is to leave the session where it is, too. */
  private void remember(Wire.Moving move, ServerId arrivedAt) {
    Target target = targets.find(move.who().target());
    ServerId from = new ServerId(move.from());
    if (target != null && move.to().equals(arrivedAt.value()) && !from.equals(arrivedAt)) {
      allocator.moved(
          target.service(),
          new SessionMove(move.who().session(), from, arrivedAt, "", Map.of()),
          true);
    }
  }

  private List<SessionInfo> own(String id) {
    return served.list(id, handover::destination);
  }

  // ---- Sessions.

  @Override
  public void began(Session session) {
    tasks.execute(
        () -> {
          SessionIdentity identity = session.identity();
          Target target = targets.find(String.valueOf(identity.targetName()));
          if (target == null || session.whenEnded().isDone()) {
            return;
          }
          @Nullable Assignment why = whereabouts.take(identity.id());
          served.add(new ServedSessions.Served(session, target, why));
          Wire.Arrived news =
              new Wire.Arrived(
                  new Wire.Who(
                      identity.id(),
                      identity.initiatorName(),
                      identity.isid().toString(),
                      target.name(),
                      why == null ? "" : why.trace()),
                  surroundings.self().value());
          arrived(news);
          mesh.askAll(others(), Wire.ARRIVED, news, Wire.Done.class, NEWS_LIMIT);
        });
  }

  @Override
  public void ended(Session session) {
    tasks.execute(
        () -> {
          if (served.remove(session)) {
            whereabouts.left(session.identity().id(), surroundings.self());
          }
        });
  }

  // ---- Moves.

  @Override
  public CompletableFuture<List<SessionInfo>> sessionsHere() {
    return now(() -> own(""));
  }

  @Override
  public CompletableFuture<List<SessionInfo>> sessions() {
    return directory.sessions("");
  }

  /** A session, from whatever server serves it. */
  public CompletableFuture<Optional<SessionInfo>> session(String id) {
    return directory.sessions(id).thenApply(found -> found.stream().findFirst());
  }

  /**
   * What was decided lately, by all servers that answer, the newest first.
   *
   * @param session about which; empty for all, and for who became intake or master
   */
  public CompletableFuture<List<Assignment>> assignments(String session, int most) {
    List<Assignment> ofServers = session.isEmpty() ? designations(most) : List.of();
    return directory.assignments(new Wire.Which(session, most), ofServers);
  }

  /** Who became intake or master lately, the newest first. */
  public List<Assignment> designations(int most) {
    return designations.newest(most);
  }

  @Override
  public CompletableFuture<Void> transfer(String session, ServerId to, String reason) {
    return transfer(session, to, reason, Trace.begin());
  }

  /**
   * As {@link #transfer(String, ServerId, String)}.
   *
   * @param trace what the log lines about it are to have in common
   */
  public CompletableFuture<Void> transfer(String session, ServerId to, String reason, Trace trace) {
    Wire.Order order =
        new Wire.Order(session, to.value(), "request", reason, Map.of(), trace.toString());
    return session(session)
        .thenComposeAsync(
            found ->
                found
                    .map(info -> moves.order(order, new ServerId(info.server())))
                    .orElseGet(
                        () ->
                            CompletableFuture.failedFuture(
                                new TransferException(
                                    TransferException.Reason.NO_SUCH_SESSION,
                                    "there is no session " + session))),
            thread);
  }

  // ---- What administrators set and see.

  @Override
  public boolean isDraining(ServerId server) {
    return drains.isDraining(server);
  }

  @Override
  public Set<String> services(ServerId server) {
    return surroundings.services(server);
  }

  /** The servers that are being emptied, or are empty and kept so. */
  public Map<ServerId, Drain> draining() {
    return drains.all();
  }

  /**
   * Empties a server and holds new sessions off. Waits for ZooKeeper.
   *
   * @param by who asks for it
   */
  public void drain(ServerId server, String by) {
    drains.set(server, by);
  }

  /** Lets a server take sessions again. Waits for ZooKeeper. */
  public void undrain(ServerId server) {
    drains.clear(server);
  }

  /** The policies that were set, by service. */
  public SortedMap<String, ServicePolicy> policies() {
    return policies.all();
  }

  /** The policy that holds for a service. */
  public ServicePolicy policy(String service) {
    return policies.of(service);
  }

  /** Sets the policy of a service for all servers, from now on. Waits for ZooKeeper. */
  public void setPolicy(String service, ServicePolicy policy) {
    policies.set(service, policy);
  }

  /** The server that is the master, if there is one, and its epoch. */
  public Optional<Map.Entry<ServerId, Long>> master() {
    return mastership.current().map(master -> Map.entry(master.server(), master.epoch()));
  }

  /** The intakes as this server's own list has them. */
  public CompletableFuture<List<IntakeInfo>> intakes() {
    return now(intakes::list);
  }

  // ---- Odds and ends.

  private List<ServerId> others() {
    return surroundings.members().stream()
        .filter(server -> !server.equals(surroundings.self()))
        .toList();
  }

  private <T> CompletableFuture<T> now(Supplier<T> answer) {
    return CompletableFuture.supplyAsync(answer, thread);
  }

  private static ScheduledExecutorService daemon(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          Thread worker = new Thread(task, name);
          worker.setDaemon(true);
          return worker;
        });
  }

  /** The system's load as decisions see it. */
  public SystemLoad load() {
    return surroundings.load();
  }
}
