package io.sandrift.server.distribution;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SampleFormatException;
import io.sandrift.load.sample.SampleJson;
import io.sandrift.load.view.Availability;
import io.sandrift.load.view.Expected;
import io.sandrift.load.view.Liveness;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.policy.Allocation;
import io.sandrift.server.distribution.policy.AllocationRequest;
import io.sandrift.server.login.LoginQuery;
import io.sandrift.server.peer.PeerCalls;
import io.sandrift.server.peer.PeerException;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import io.sandrift.server.target.ClientDistribution;
import io.sandrift.server.target.LoginRoute;
import io.sandrift.server.target.PresentedTargets;
import io.sandrift.server.target.Target;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
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

  /** How often a selected server may refuse before the client is served where it is. */
  private static final int MAX_REFUSALS = 2;

  private static final Duration QUESTION_LIMIT = Duration.ofSeconds(3);
  private static final Duration NEWS_LIMIT = Duration.ofSeconds(1);
  private static final Duration LEFT_LIMIT = Duration.ofMillis(400);

  /** Bounds what others can make this server remember. */
  private static final int MAX_REMEMBERED = 20_000;

  /** How long a client that doesn't follow redirections is relayed at once. */
  private static final Duration DISTRUST = Duration.ofHours(1);

  private final Surroundings surroundings;
  private final PresentedTargets targets;
  private final DistributionLimits limits;
  private final Clock clock;
  private final ScheduledExecutorService thread = daemon("distribution");
  private final ScheduledExecutorService waiting = daemon("distribution-zk");
  private final Mesh mesh;
  private final PolicyBoard policies;
  private final DrainFlags drains;
  private final Mastership mastership;
  private final Intakes intakes;
  private final Allocator allocator;
  private final Handover handover;
  private final Balancer balancer;
  private final AssignmentLog log;

  /** Who is expected here, by session. */
  private final Map<String, Held> reservations = bounded();

  /** Who is on the way from one server to another, by session. */
  private final Map<String, OnTheWay> onTheWay = bounded();

  /** Who was redirected, and hasn't been heard of since, by session. */
  private final Map<String, Redirected> redirected = bounded();

  /** Initiators that were redirected and came back, and until when that is remembered. */
  private final Map<String, Instant> unwilling = bounded();

  /** Where sessions are, as far as their servers have said. */
  private final Map<String, ServerId> whereabouts = bounded();

  /** Those that are served here, by id. */
  private final Map<String, Served> served = new HashMap<>();

  private record Held(Wire.Reservation reservation, Instant expires) {}

  private record OnTheWay(Wire.Moving moving, Instant expires) {}

  private record Redirected(ServerId to, Instant at) {}

  private record Served(Session session, Target target, @Nullable Assignment why) {}

  /** A decision and whether a place is reserved already. */
  private record Decision(ServerId server, Assignment assignment, boolean isReserved) {}

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
    this.log = new AssignmentLog(limits.logEntries());
    this.policies = new PolicyBoard(zookeeper, service -> {});
    this.drains = new DrainFlags(zookeeper);
    this.mastership = new Mastership(zookeeper, surroundings.self(), waiting, this::elected);
    this.allocator = new Allocator(surroundings, policies, clock);
    this.intakes =
        new Intakes(surroundings, allocator, zookeeper, mesh, thread, waiting, log, clock);
    this.handover = new Handover(surroundings, mesh, thread, limits, log, clock);
    this.balancer =
        new Balancer(
            allocator, mastership, surroundings, thread, (order, from) -> move(order, from));
    mesh.serve(Wire.RESERVE, Wire.Reservation.class, (from, asked) -> now(() -> reserve(asked)));
    mesh.serve(Wire.MOVING, Wire.Moving.class, (from, news) -> now(() -> moving(news)));
    mesh.serve(Wire.ARRIVED, Wire.Arrived.class, (from, news) -> now(() -> arrived(news)));
    mesh.serve(
        Wire.LEFT,
        Wire.Which.class,
        (from, which) -> now(() -> new Wire.Done(!served.containsKey(which.session()), "")));
    mesh.serve(Wire.MOVE, Wire.Order.class, (from, order) -> moveOwn(order));
    mesh.serve(Wire.SESSIONS, Wire.Which.class, (from, which) -> now(() -> own(which)));
    mesh.serve(
        Wire.ASSIGNMENTS,
        Wire.Past.class,
        (from, past) ->
            now(
                () ->
                    new Wire.Assignments(
                        past.ofDesignations()
                            ? log.designations(past.most())
                            : log.newest(past.session(), past.most()))));
    mesh.serve(Wire.SELECT, Wire.Select.class, (from, asked) -> select(asked));
  }

  /** Takes part from now on. ZooKeeper need not answer yet. */
  public void start() throws Exception {
    policies.start();
    drains.start();
    intakes.start();
    mastership.start();
    balancer.start();
    thread.scheduleWithFixedDelay(this::emptyIfDraining, 1, 1, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    thread.shutdownNow();
    mastership.close();
    intakes.close();
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
            target.name());
    CompletableFuture<LoginRoute> route = new CompletableFuture<>();
    LoginRoute here = new LoginRoute.Here(who.session());
    try {
      thread.execute(
          () -> {
            try {
              recognise(who)
                  .thenComposeAsync(known -> route(known, target), thread)
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

  /**
   * Some initiators draw a new ISID at each login. One that has just left its server on request,
   * and comes with an ISID that nobody knows, goes on with the session that left.
   */
  private CompletableFuture<Wire.Who> recognise(Wire.Who who) {
    expire();
    String id = who.session();
    if (reservations.containsKey(id) || onTheWay.containsKey(id) || whereabouts.containsKey(id)) {
      return CompletableFuture.completedFuture(who);
    }
    for (Held held : reservations.values()) {
      Wire.Who other = held.reservation().who();
      if (isSameClient(other, who) && isNewName(other, id)) {
        return CompletableFuture.completedFuture(renamed(who, other));
      }
    }
    for (OnTheWay move : onTheWay.values()) {
      Wire.Who other = move.moving().who();
      if (isSameClient(other, who)) {
        return mesh.ask(
                new ServerId(move.moving().from()),
                Wire.LEFT,
                new Wire.Which(other.session(), 1),
                Wire.Done.class,
                LEFT_LIMIT)
            .thenApply(left -> left.ok() ? renamed(who, other) : who)
            // A source that doesn't answer serves nobody.
            .exceptionally(failure -> renamed(who, other));
      }
    }
    return CompletableFuture.completedFuture(who);
  }

  /** Whether a reservation is waiting for a session that left, and not for one that is new. */
  private boolean isNewName(Wire.Who reserved, String id) {
    return !reserved.session().equals(id) && !served.containsKey(reserved.session());
  }

  private static boolean isSameClient(Wire.Who one, Wire.Who other) {
    return one.initiator().equals(other.initiator()) && one.target().equals(other.target());
  }

  private static Wire.Who renamed(Wire.Who who, Wire.Who earlier) {
    return new Wire.Who(earlier.session(), who.initiator(), who.isid(), who.target());
  }

  private CompletableFuture<LoginRoute> route(Wire.Who who, Target target) {
    String id = who.session();
    ServerId self = surroundings.self();
    if (reservations.containsKey(id)) {
      return CompletableFuture.completedFuture(new LoginRoute.Here(id));
    }
    OnTheWay move = onTheWay.get(id);
    if (move != null) {
      ServerId to = new ServerId(move.moving().to());
      if (to.equals(self)) {
        return CompletableFuture.completedFuture(new LoginRoute.Here(id));
      }
      if (isAlive(to)) {
        return CompletableFuture.completedFuture(link(who, target, to));
      }
      onTheWay.remove(id);
    }
    return decide(who, target, new HashSet<>())
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
    reservations.put(
        who.session(),
        new Held(new Wire.Reservation(who, 0, 0, 0, why), clock.instant().plus(limits.arrival())));
    return new LoginRoute.Here(who.session());
  }

  private boolean isAnotherAlive() {
    return surroundings.load().alive().size() > 1;
  }

  private boolean isAlive(ServerId server) {
    ServerLoad load = surroundings.load().find(server);
    return surroundings.portal(server).isPresent()
        && (load == null || load.liveness() == Liveness.ALIVE);
  }

  /** Tells the client where to go, or carries it there. */
  private LoginRoute link(Wire.Who who, Target target, ServerId to) {
    Optional<TargetAddress> address = surroundings.portal(to);
    if (address.isEmpty()) {
      return new LoginRoute.Unavailable(to + " has just gone");
    }
    Instant now = clock.instant();
    Redirected before = redirected.get(who.session());
    if (before != null && isAlive(before.to())) {
      // It was told, and is here again: it doesn't follow, or can't.
      LOG.info("{} did not follow to {}; it is relayed from now on", who.initiator(), before.to());
      unwilling.put(who.initiator(), now.plus(DISTRUST));
    }
    Link link = policies.of(target.service()).link();
    boolean relays =
        link == Link.RELAY || (link == Link.AUTO && unwilling.containsKey(who.initiator()));
    if (relays) {
      redirected.remove(who.session());
      return new LoginRoute.Relay(address.get());
    }
    if (link == Link.AUTO) {
      redirected.put(who.session(), new Redirected(to, now));
    }
    return new LoginRoute.Redirect(address.get());
  }

  // ---- Decisions.

  private CompletableFuture<Optional<Decision>> decide(
      Wire.Who who, Target target, Set<ServerId> refused) {
    boolean asksMaster = policies.of(target.service()).spec().policy().equals("master");
    CompletableFuture<Optional<Decision>> decision =
        asksMaster && refused.isEmpty()
            ? askMaster(who, target)
            : CompletableFuture.completedFuture(decideHere(who, target, refused));
    return decision.thenComposeAsync(made -> reserved(who, target, made, refused), thread);
  }

  /** Makes sure that there is a place; selects again where there is none. */
  private CompletableFuture<Optional<Decision>> reserved(
      Wire.Who who, Target target, Optional<Decision> decision, Set<ServerId> refused) {
    if (decision.isEmpty()
        || decision.get().isReserved()
        || decision.get().server().equals(surroundings.self())) {
      decision.ifPresent(made -> log.add(made.assignment()));
      return CompletableFuture.completedFuture(decision);
    }
    Decision made = decision.get();
    return askReservation(who, made, 0)
        .thenComposeAsync(
            place -> {
              if (place.ok()) {
                log.add(made.assignment());
                return CompletableFuture.completedFuture(decision);
              }
              LOG.info("{} does not take {}: {}", made.server(), who.session(), place.detail());
              refused.add(made.server());
              return refused.size() >= MAX_REFUSALS
                  ? CompletableFuture.completedFuture(Optional.<Decision>empty())
                  : decide(who, target, refused);
            },
            thread);
  }

  private CompletableFuture<Wire.Done> askReservation(
      Wire.Who who, Decision decision, long masterEpoch) {
    double pressure = decision.assignment().numbers().getOrDefault("expected", 0.0);
    Wire.Reservation reservation =
        new Wire.Reservation(
            who, limits.arrival().toMillis(), pressure, masterEpoch, decision.assignment());
    surroundings.expect(
        new Expected(
            who.session(), decision.server(), pressure, clock.instant().plus(limits.arrival())));
    return mesh.ask(
            decision.server(), Wire.RESERVE, reservation, Wire.Done.class, limits.reservation())
        .exceptionally(failure -> new Wire.Done(false, String.valueOf(failure.getMessage())))
        .thenApplyAsync(
            done -> {
              if (!done.ok()) {
                surroundings.expectNoMore(who.session());
              }
              return done;
            },
            thread);
  }

  private Optional<Decision> decideHere(Wire.Who who, Target target, Set<ServerId> refused) {
    intakes.review(target.service());
    return allocate(
        allocator.request(who, target.alias(), target.service(), surroundings.self(), refused),
        who,
        target.alias(),
        surroundings.self().value());
  }

  private Optional<Decision> allocate(
      AllocationRequest request, Wire.Who who, String volume, String reached) {
    return allocator
        .allocate(request)
        .map(
            (Allocation allocation) -> {
              Map<String, Double> numbers = new HashMap<>(allocation.numbers());
              numbers.put("expected", request.expectedPressure());
              return new Decision(
                  allocation.server(),
                  new Assignment(
                      clock.millis(),
                      Assignment.Kind.ALLOCATION,
                      who.session(),
                      who.initiator(),
                      volume,
                      request.service(),
                      reached,
                      allocation.server().value(),
                      allocator.policy(request.service()).name(),
                      surroundings.self().value(),
                      allocation.reason(),
                      numbers),
                  false);
            });
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
        Map.of());
  }

  // ---- The master.

  /** The slave's part: asks the master, and decides by itself when it doesn't answer in time. */
  private CompletableFuture<Optional<Decision>> askMaster(Wire.Who who, Target target) {
    Optional<Mastership.Master> master = mastership.current();
    if (master.isEmpty()) {
      return CompletableFuture.completedFuture(decideHere(who, target, Set.of()));
    }
    String sample =
        surroundings
            .ownSample()
            .map(own -> SampleJson.encode(own, Surroundings.MAX_SAMPLE_BYTES))
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .orElse("");
    Wire.Select question =
        new Wire.Select(
            who, target.alias(), target.service(), surroundings.self().value(), Set.of(), sample);
    return mesh.ask(
            master.get().server(),
            Wire.SELECT,
            question,
            Wire.Selected.class,
            limits.masterAnswer())
        .handleAsync(
            (selected, failure) -> {
              Assignment decision = selected == null ? null : selected.decision();
              if (selected == null || decision == null) {
                LOG.info(
                    "the master, {}, does not decide ({}); deciding here",
                    master.get().server(),
                    failure == null ? "no server may take the client" : failure.toString());
                return decideHere(who, target, Set.of());
              }
              if (!mastership.accept(selected.epoch())) {
                LOG.info(
                    "{} decided as master of epoch {}, which is over; deciding here",
                    master.get().server(),
                    selected.epoch());
                return decideHere(who, target, Set.of());
              }
              return Optional.of(
                  new Decision(new ServerId(selected.server()), decision, selected.isReserved()));
            },
            thread);
  }

  private void elected(Optional<Mastership.Master> before, Mastership.Master now) {
    log.add(
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
            Map.of("epoch", (double) now.epoch())));
  }

  /** The master's part: selects, reserves at the selected server first, and answers. */
  private CompletableFuture<Wire.Selected> select(Wire.Select asked) {
    long epoch = mastership.ownEpoch();
    if (epoch == 0) {
      return CompletableFuture.failedFuture(
          new PeerException(
              PeerException.Reason.REFUSED, surroundings.self() + " is not the master"));
    }
    return select(asked, epoch, new HashSet<>());
  }

  private CompletableFuture<Wire.Selected> select(
      Wire.Select asked, long epoch, Set<ServerId> refused) {
    ServerId reached = new ServerId(asked.reached());
    AllocationRequest request =
        allocator.request(asked.who(), asked.volume(), asked.service(), reached, refused);
    ServerLoad own = fresher(reached, asked.sample());
    Optional<Decision> decision =
        allocate(
            own == null ? request : request.with(own),
            asked.who(),
            asked.volume(),
            asked.reached());
    if (decision.isEmpty()) {
      return CompletableFuture.completedFuture(new Wire.Selected("", epoch, false, null));
    }
    Decision made = decision.get();
    return askReservation(asked.who(), made, epoch)
        .thenComposeAsync(
            place -> {
              if (place.ok()) {
                return CompletableFuture.completedFuture(
                    new Wire.Selected(made.server().value(), epoch, true, made.assignment()));
              }
              refused.add(made.server());
              return refused.size() >= MAX_REFUSALS
                  ? CompletableFuture.completedFuture(new Wire.Selected("", epoch, false, null))
                  : select(asked, epoch, refused);
            },
            thread);
  }

  /** The slave's own word on its load, which came with the request. */
  private @Nullable ServerLoad fresher(ServerId server, String sample) {
    ServerLoad known = surroundings.load().find(server);
    if (known == null || sample.isEmpty()) {
      return null;
    }
    try {
      Sample told = SampleJson.decode(sample.getBytes(StandardCharsets.UTF_8));
      if (!told.server().equals(server)) {
        return null;
      }
      return new ServerLoad(
          server,
          known.liveness(),
          known.isDraining(),
          known.services(),
          told,
          PressureFormula.DEFAULT.of(told),
          known.reserved(),
          clock.instant());
    } catch (SampleFormatException e) {
      LOG.warn("{} told nothing of its load that can be read: {}", server, e.getMessage());
      return null;
    }
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
    reservations.put(asked.who().session(), new Held(asked, expires));
    surroundings.expect(
        new Expected(asked.who().session(), surroundings.self(), asked.pressure(), expires));
    return Wire.Done.OK;
  }

  private Wire.Done moving(Wire.Moving news) {
    onTheWay.put(
        news.who().session(), new OnTheWay(news, clock.instant().plusMillis(news.validMillis())));
    return Wire.Done.OK;
  }

  private Wire.Done arrived(Wire.Arrived news) {
    String session = news.who().session();
    ServerId server = new ServerId(news.server());
    onTheWay.remove(session);
    redirected.remove(session);
    whereabouts.put(session, server);
    handover.arrived(session, server);
    return Wire.Done.OK;
  }

  private Wire.Sessions own(Wire.Which which) {
    List<SessionInfo> list = new ArrayList<>();
    for (Served each : served.values()) {
      if (which.session().isEmpty() || each.session().identity().id().equals(which.session())) {
        list.add(info(each));
      }
    }
    list.sort(Comparator.comparingLong(SessionInfo::sinceMillis));
    return new Wire.Sessions(list);
  }

  private SessionInfo info(Served each) {
    Session session = each.session();
    SessionIdentity identity = session.identity();
    ServerId to = handover.destination(identity.id());
    return new SessionInfo(
        identity.id(),
        identity.initiatorName(),
        identity.isid().toString(),
        String.valueOf(session.channel().remoteAddress()).replaceFirst("^/", ""),
        each.target().name(),
        each.target().alias(),
        each.target().service(),
        surroundings.self().value(),
        session.sinceMillis(),
        session.counters().commands(),
        session.counters().bytesRead(),
        session.counters().bytesWritten(),
        to == null ? null : to.value(),
        each.why());
  }

  // ---- Sessions.

  @Override
  public void began(Session session) {
    execute(
        () -> {
          SessionIdentity identity = session.identity();
          Target target = targets.find(String.valueOf(identity.targetName()));
          if (target == null || session.whenEnded().isDone()) {
            return;
          }
          Held held = reservations.remove(identity.id());
          served.put(
              identity.id(),
              new Served(session, target, held == null ? null : held.reservation().decision()));
          Wire.Arrived news =
              new Wire.Arrived(
                  new Wire.Who(
                      identity.id(),
                      identity.initiatorName(),
                      identity.isid().toString(),
                      target.name()),
                  surroundings.self().value());
          arrived(news);
          mesh.askAll(others(), Wire.ARRIVED, news, Wire.Done.class, NEWS_LIMIT);
        });
  }

  @Override
  public void ended(Session session) {
    execute(
        () -> {
          String id = session.identity().id();
          Served now = served.get(id);
          if (now != null && now.session() == session) {
            served.remove(id);
            whereabouts.remove(id, surroundings.self());
          }
        });
  }

  // ---- Moves.

  @Override
  public CompletableFuture<List<SessionInfo>> sessionsHere() {
    return now(() -> own(new Wire.Which("", Integer.MAX_VALUE)).sessions());
  }

  @Override
  public CompletableFuture<List<SessionInfo>> sessions() {
    return sessions("");
  }

  /** A session, from whatever server serves it. */
  public CompletableFuture<Optional<SessionInfo>> session(String id) {
    return sessions(id).thenApply(found -> found.stream().findFirst());
  }

  private CompletableFuture<List<SessionInfo>> sessions(String id) {
    return mesh.askAll(
            surroundings.members(),
            Wire.SESSIONS,
            new Wire.Which(id, Integer.MAX_VALUE),
            Wire.Sessions.class,
            QUESTION_LIMIT)
        .thenApply(
            answers ->
                answers.values().stream()
                    .flatMap(each -> each.sessions().stream())
                    .sorted(
                        Comparator.comparing(SessionInfo::server)
                            .thenComparing(SessionInfo::volume)
                            .thenComparing(SessionInfo::id))
                    .toList());
  }

  /**
   * What was decided lately, by all servers that answer, the newest first.
   *
   * @param session about which; empty for all
   */
  public CompletableFuture<List<Assignment>> assignments(String session, int most) {
    return past(new Wire.Past(session, false, most));
  }

  /** Who became intake or master lately, as all servers that answer have it, the newest first. */
  public CompletableFuture<List<Assignment>> designations(int most) {
    return past(new Wire.Past("", true, most));
  }

  private CompletableFuture<List<Assignment>> past(Wire.Past past) {
    return mesh.askAll(
            surroundings.members(), Wire.ASSIGNMENTS, past, Wire.Assignments.class, QUESTION_LIMIT)
        .thenApply(
            answers ->
                answers.values().stream()
                    .flatMap(each -> each.assignments().stream())
                    .sorted(Comparator.comparingLong(Assignment::atMillis).reversed())
                    .limit(past.most())
                    .toList());
  }

  @Override
  public CompletableFuture<Void> transfer(String session, ServerId to, String reason) {
    return transfer(session, to, "request", reason);
  }

  /**
   * As {@link #transfer(String, ServerId, String)}.
   *
   * @param who asked for it, for the log of assignments
   */
  public CompletableFuture<Void> transfer(String session, ServerId to, String who, String reason) {
    Wire.Order order = new Wire.Order(session, to.value(), who, reason, Map.of());
    return session(session)
        .thenComposeAsync(
            found ->
                found
                    .map(info -> move(order, new ServerId(info.server())))
                    .orElseGet(
                        () ->
                            CompletableFuture.failedFuture(
                                new TransferException(
                                    TransferException.Reason.NO_SUCH_SESSION,
                                    "there is no session " + session))),
            thread);
  }

  /** Has the server that serves the session move it. */
  private CompletableFuture<Void> move(Wire.Order order, ServerId from) {
    return mesh.ask(from, Wire.MOVE, order, Wire.Done.class, handover.limit().plusSeconds(5))
        .handle(
            (done, failure) -> {
              if (failure != null) {
                throw new TransferException(
                    TransferException.Reason.FAILED,
                    from + " didn't say what came of it: " + failure.getMessage());
              }
              if (!done.ok()) {
                throw new TransferException(Handover.reason(done), done.detail());
              }
              return null;
            });
  }

  private CompletableFuture<Wire.Done> moveOwn(Wire.Order order) {
    Served found = served.get(order.session());
    if (found == null) {
      return CompletableFuture.completedFuture(
          new Wire.Done(false, "there is no session " + order.session() + " here"));
    }
    ServerId to = new ServerId(order.to());
    if (!to.equals(surroundings.self()) && !isAlive(to)) {
      return CompletableFuture.completedFuture(
          new Wire.Done(false, "there is no server " + to + " that is alive"));
    }
    double expected =
        allocator
            .request(
                Handover.who(found.session()),
                found.target().alias(),
                found.target().service(),
                surroundings.self(),
                Set.of())
            .expectedPressure();
    return handover.begin(
        found.session(), found.target().alias(), found.target().service(), order, expected);
  }

  private void emptyIfDraining() {
    try {
      if (!drains.isDraining(surroundings.self())) {
        return;
      }
      for (Served each : List.copyOf(served.values())) {
        if (!handover.hasRoom()) {
          return;
        }
        String id = each.session().identity().id();
        if (handover.mayTry(id)) {
          allocator
              .allocate(
                  allocator.request(
                      Handover.who(each.session()),
                      each.target().alias(),
                      each.target().service(),
                      surroundings.self(),
                      Set.of(surroundings.self())))
              .ifPresent(
                  to ->
                      moveOwn(
                          new Wire.Order(
                              id,
                              to.server().value(),
                              "drain",
                              surroundings.self() + " is being drained; " + to.reason(),
                              to.numbers())));
        }
      }
    } catch (RuntimeException e) {
      LOG.error("draining failed; it goes on in a second", e);
    }
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

  /** Empties a server and holds new sessions off, or no longer. Waits for ZooKeeper. */
  public void drain(ServerId server, boolean drains) {
    this.drains.set(server, drains);
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

  private void expire() {
    Instant now = clock.instant();
    reservations.values().removeIf(held -> held.expires().isBefore(now));
    onTheWay.values().removeIf(move -> move.expires().isBefore(now));
    redirected.values().removeIf(each -> each.at().plus(limits.arrival()).isBefore(now));
    unwilling.values().removeIf(until -> until.isBefore(now));
  }

  private void execute(Runnable task) {
    try {
      thread.execute(
          () -> {
            try {
              task.run();
            } catch (RuntimeException e) {
              LOG.error("client distribution went wrong", e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("closed");
    }
  }

  private <T> CompletableFuture<T> now(Supplier<T> answer) {
    return CompletableFuture.supplyAsync(answer, thread);
  }

  private static <V> Map<String, V> bounded() {
    return new LinkedHashMap<>() {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
        return size() > MAX_REMEMBERED;
      }
    };
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
