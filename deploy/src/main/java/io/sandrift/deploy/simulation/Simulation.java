package io.sandrift.deploy.simulation;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.policy.Allocation;
import io.sandrift.server.distribution.policy.AllocationRequest;
import io.sandrift.server.distribution.policy.PolicySpec;
import io.sandrift.server.distribution.policy.SessionMove;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One scenario under one policy, in virtual time. A second is a window: clients' demands vary,
 * servers measure, gossip, and the policy balances. Logins and moves happen in between.
 *
 * <p>The same scenario has the same servers, clients and failures under each policy; what a client
 * meets depends on the policy's decisions.
 */
final class Simulation {

  static final String SERVICE = "default";

  private static final Instant ORIGIN = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration WINDOW = Duration.ofSeconds(1);
  private static final long WINDOW_MILLIS = WINDOW.toMillis();

  /** What a command costs more whose blocks are on another server. */
  private static final double FORWARDING = 0.3;

  /** How many of its heaviest sessions a server lists in its sample. */
  private static final int LISTED = 64;

  /** Within what time all clients come at first. */
  private static final int ARRIVAL_MILLIS = 30_000;

  private static final int LATE_MILLIS = 5_000;
  private static final long RESIDENCE_MILLIS = 120_000;

  private final Scenario scenario;
  private final PolicySpec spec;
  private final Agenda agenda = new Agenda();
  private final List<SimulatedServer> servers = new ArrayList<>();
  private final Map<ServerId, SimulatedServer> byId = new HashMap<>();
  private final Clients clients;
  private final Gossip gossip;
  private final Decider decider;
  private final SplittableRandom random;
  private final int[] tries;
  private final int[] addresses;
  private final long[] answeredAt;
  private final int[] movedFrom;
  private final long[] movedAt;
  private SystemLoad view = SystemLoad.EMPTY;
  private long sequence;

  private final double[] imbalance;
  private final double[] mean;
  private final int[] served;
  private final int[] movesEach;
  private int moves;
  private int oscillations;
  private int logins;
  private int late;
  private int failed;

  private Simulation(Scenario scenario, PolicySpec spec) {
    this.scenario = scenario;
    this.spec = spec;
    SplittableRandom seeds = new SplittableRandom(scenario.seed());
    SplittableRandom world = seeds.split();
    this.random = seeds.split();
    this.clients =
        new Clients(scenario.clients(), scenario.servers(), scenario.noise(), seeds.split());
    double[] relative = new double[scenario.servers()];
    for (int i = 0; i < relative.length; i++) {
      relative[i] = scenario.hardware().get(world.nextInt(scenario.hardware().size()));
    }
    double unit =
        clients.totalDemand()
            * (1 + FORWARDING)
            / scenario.utilisation()
            / Arrays.stream(relative).sum();
    List<ServerId> ids = new ArrayList<>();
    for (int i = 0; i < relative.length; i++) {
      SimulatedServer server = new SimulatedServer(i, relative[i], unit * relative[i]);
      servers.add(server);
      byId.put(server.id, server);
      ids.add(server.id);
    }
    this.gossip =
        new Gossip(
            ids, scenario.gossipDelay().toMillis(), scenario.gossipLoss(), ORIGIN, seeds.split());
    this.decider = new Decider(spec, scenario.hasMaster(), SERVICE, seeds.split());
    this.tries = new int[scenario.clients()];
    this.answeredAt = new long[scenario.clients()];
    this.movedFrom = new int[scenario.clients()];
    this.movedAt = new long[scenario.clients()];
    Arrays.fill(movedFrom, -1);
    this.addresses = new int[scenario.clients() * Clients.ADDRESSES];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = world.nextInt(scenario.servers());
    }
    int windows = (int) (scenario.time().toMillis() / WINDOW_MILLIS);
    this.imbalance = new double[windows];
    this.mean = new double[windows];
    this.served = new int[windows];
    this.movesEach = new int[windows];
    script(world);
  }

  /** Runs it. */
  static Outcome run(Scenario scenario, PolicySpec spec) {
    return new Simulation(scenario, spec).run();
  }

  // ---- what happens whatever the policy ----

  private void script(SplittableRandom world) {
    for (SimulatedServer server : servers) {
      agenda.at(0, () -> boot(server));
    }
    for (int client = 0; client < clients.count; client++) {
      int each = client;
      agenda.at(1_000 + world.nextInt(ARRIVAL_MILLIS), () -> want(each));
    }
    if (scenario.powerFailure()) {
      agenda.at(scenario.powerFailsAt(), () -> servers.forEach(this::die));
      for (SimulatedServer server : servers) {
        long boot = scenario.boot().toMillis();
        long after = boot == 0 ? 0 : world.nextLong(boot);
        agenda.at(scenario.powerBackAt() + after, () -> boot(server));
      }
    }
    List<Integer> groups = new ArrayList<>();
    while (groups.size() < scenario.groupFailures()) {
      int group = world.nextInt(scenario.groups());
      if (!groups.contains(group)) {
        groups.add(group);
      }
    }
    for (SimulatedServer server : servers) {
      if (groups.contains(server.index % scenario.groups())) {
        agenda.at(scenario.groupsFailAt(), () -> die(server));
        agenda.at(scenario.groupsBackAt(), () -> boot(server));
      }
    }
  }

  private void boot(SimulatedServer server) {
    if (!server.isUp()) {
      server.boot(agenda.now());
      gossip.booted(server.index, agenda.now());
    }
  }

  private void die(SimulatedServer server) {
    if (server.isUp()) {
      gossip.died(server.index, agenda.now());
      for (int client : server.die()) {
        clients.server[client] = -1;
        agenda.in(500 + random.nextInt(2_000), () -> want(client));
      }
    }
  }

  // ---- logins ----

  private void want(int client) {
    answeredAt[client] = -1;
    tries[client] = random.nextInt(Clients.ADDRESSES);
    attempt(client);
  }

  private void attempt(int client) {
    int address = tries[client]++ % Clients.ADDRESSES;
    SimulatedServer reached = servers.get(addresses[client * Clients.ADDRESSES + address]);
    if (reached.isUp()) {
      arrive(client, reached, false);
    } else {
      boolean all = tries[client] % Clients.ADDRESSES == 0;
      agenda.in(all ? 1_000 + random.nextInt(2_000) : 200, () -> attempt(client));
    }
  }

  private void arrive(int client, SimulatedServer server, boolean redirected) {
    if (answeredAt[client] < 0) {
      answeredAt[client] = agenda.now();
    }
    double wait = server.queue(agenda.now());
    if (wait < 0) {
      fail(client);
      return;
    }
    int generation = server.generation();
    agenda.in(
        Math.round(wait),
        () -> {
          if (server.generation() != generation) {
            fail(client);
          } else if (redirected) {
            establish(client, server);
          } else {
            direct(client, server);
          }
        });
  }

  private void direct(int client, SimulatedServer reached) {
    int sibling = clients.sibling(client);
    Set<ServerId> siblings =
        sibling < 0 || clients.server[sibling] < 0
            ? Set.of()
            : Set.of(servers.get(clients.server[sibling]).id);
    AllocationRequest request =
        new AllocationRequest(
            clients.sessions[client],
            clients.hosts[client],
            "volume-" + clients.volume(client),
            SERVICE,
            reached.id,
            siblings,
            clients.locality(client),
            0,
            0);
    ServerId selected =
        decider.allocate(request, view, now()).map(Allocation::server).orElse(reached.id);
    SimulatedServer server = selected.equals(reached.id) ? reached : byId.get(selected);
    if (server == null || server == reached) {
      establish(client, reached);
    } else if (server.isUp()) {
      agenda.in(2, () -> arrive(client, server, true));
    } else {
      agenda.in(1_000, () -> fail(client)); // nobody answers there
    }
  }

  private void fail(int client) {
    failed++;
    agenda.in(500 + random.nextInt(1_500), () -> attempt(client));
  }

  private void establish(int client, SimulatedServer server) {
    if (!server.isUp()) {
      fail(client);
      return;
    }
    attach(client, server);
    server.countLogin();
    logins++;
    if (agenda.now() - answeredAt[client] > LATE_MILLIS) {
      late++;
    }
  }

  private void attach(int client, SimulatedServer server) {
    clients.server[client] = server.index;
    clients.place[client] = server.add(client);
    clients.since[client] = agenda.now();
  }

  private void detach(int client) {
    int place = clients.place[client];
    int other = servers.get(clients.server[client]).removeAt(place);
    if (other >= 0) {
      clients.place[other] = place;
    }
    clients.server[client] = -1;
  }

  // ---- moves ----

  private void move(SessionMove move) {
    Integer client = clients.bySession.get(move.session());
    SimulatedServer from = byId.get(move.from());
    SimulatedServer to = byId.get(move.to());
    if (client == null || from == null || to == null) {
      throw new IllegalStateException("the policy moves what there isn't: " + move);
    }
    boolean possible = from.isUp() && to.isUp() && clients.server[client] == from.index;
    if (possible) {
      detach(client);
      attach(client, to);
      moves++;
      movesEach[(int) Math.min(movesEach.length - 1L, agenda.now() / WINDOW_MILLIS)]++;
      if (movedFrom[client] == to.index && agenda.now() - movedAt[client] < RESIDENCE_MILLIS) {
        oscillations++;
      }
      movedFrom[client] = from.index;
      movedAt[client] = agenda.now();
    }
    decider.moved(move, possible, now());
  }

  // ---- windows ----

  private Outcome run() {
    long began = System.nanoTime();
    double[] demand = new double[servers.size()];
    for (int window = 0; window < imbalance.length; window++) {
      agenda.runUntil((window + 1) * WINDOW_MILLIS);
      boolean hot = agenda.now() > scenario.hotFrom() && agenda.now() <= scenario.hotUntil();
      clients.vary(hot ? scenario.hotVolumes() : 0, scenario.hotFactor());
      load(demand);
      record(window, demand);
      for (SimulatedServer server : servers) {
        if (server.isUp()) {
          gossip.tell(server.index, sample(server, demand[server.index]), agenda.now());
        }
      }
      view = gossip.view(agenda.now());
      for (SessionMove move : decider.balance(view, now())) {
        agenda.in(100 + random.nextInt(300), () -> move(move));
      }
    }
    return outcome((System.nanoTime() - began) / 1e9);
  }

  private void load(double[] demand) {
    Arrays.fill(demand, 0);
    for (int client = 0; client < clients.count; client++) {
      if (clients.server[client] >= 0) {
        demand[clients.server[client]] += cost(client);
      }
    }
  }

  private double cost(int client) {
    ServerId at = servers.get(clients.server[client]).id;
    double share = clients.locality(client).getOrDefault(at, 0.0);
    return clients.demand[client] * (1 + FORWARDING * (1 - share));
  }

  private void record(int window, double[] demand) {
    double sum = 0;
    double max = 0;
    int up = 0;
    int count = 0;
    for (SimulatedServer server : servers) {
      if (server.isUp()) {
        double pressure = server.averaged(demand[server.index]);
        sum += pressure;
        max = Math.max(max, pressure);
        up++;
        count += server.count();
      }
    }
    mean[window] = up == 0 ? 0 : sum / up;
    imbalance[window] = sum == 0 ? 0 : max / mean[window];
    served[window] = count;
  }

  private Sample sample(SimulatedServer server, double demand) {
    double inFlight = server.pressure(demand) * server.knee();
    List<SessionLoad> listed = List.of();
    if (decider.balances() && server.count() > 0) {
      // Demands are positive, so that their bits are in their order; the client is in the low half.
      long[] heaviest = new long[server.count()];
      for (int i = 0; i < heaviest.length; i++) {
        int client = server.client(i);
        heaviest[i] = ((long) Float.floatToIntBits((float) clients.demand[client]) << 32) | client;
      }
      Arrays.sort(heaviest);
      listed = new ArrayList<>(LISTED);
      for (int i = heaviest.length - 1; i >= Math.max(0, heaviest.length - LISTED); i--) {
        int client = (int) heaviest[i];
        double share = demand <= 0 ? 0 : cost(client) / demand;
        listed.add(
            new SessionLoad(
                clients.sessions[client],
                clients.hosts[client],
                SERVICE,
                ORIGIN.plusMillis(clients.since[client]),
                clients.demand[client],
                4096 * clients.demand[client],
                share * inFlight,
                clients.locality(client)));
      }
    }
    return new Sample(
        server.id,
        sequence++,
        now(),
        WINDOW,
        server.count(),
        inFlight,
        server.knee(),
        demand,
        0,
        4096 * demand,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        List.of(),
        listed);
  }

  private Instant now() {
    return ORIGIN.plusMillis(agenda.now());
  }

  private Outcome outcome(double seconds) {
    int back = (int) (scenario.powerBackAt() / WINDOW_MILLIS);
    int groups = (int) (scenario.groupsFailAt() / WINDOW_MILLIS);
    double most = 0;
    double all = 0;
    double capacity = 0;
    for (SimulatedServer server : servers) {
      most = Math.max(most, server.logins() / server.relative);
      all += server.logins();
      capacity += server.relative;
    }
    int windows = imbalance.length;
    return new Outcome(
        spec.policy(),
        imbalance,
        mean,
        served,
        movesEach,
        Outcome.median(imbalance, back + 60, groups),
        Outcome.largest(imbalance, back + 60, groups),
        Outcome.settles(imbalance, back, groups, 1.2),
        Outcome.median(imbalance, windows - 60, windows),
        moves,
        oscillations,
        logins,
        all == 0 ? 0 : most / (all / capacity),
        late,
        failed,
        clients.count - served[windows - 1],
        seconds);
  }
}
