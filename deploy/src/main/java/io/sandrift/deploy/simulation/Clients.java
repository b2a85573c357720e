package io.sandrift.deploy.simulation;

import io.sandrift.load.membership.ServerId;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The clients: what each wants, of which volume, and who serves it. In arrays, as there may be a
 * million.
 */
final class Clients {

  /** How many clients share a volume. */
  private static final int PER_VOLUME = 20;

  /** Over how many servers a volume's partitions are spread. */
  private static final int HOMES = 8;

  /** One client in so many has a second path: the next one is the same host's. */
  private static final int MULTIPATH = 10;

  /** Addresses in a client's list. */
  static final int ADDRESSES = 3;

  /** Spread of what clients want, as the standard deviation of its logarithm. */
  private static final double SPREAD = 0.8;

  /** How much of the last second's deviation is left in the next. */
  private static final double MEMORY = 0.8;

  final int count;
  final int volumes;
  final String[] sessions;

  /** The host that each belongs to; two paths of one host have the same. */
  final String[] hosts;

  final Map<String, Integer> bySession;

  /** Who serves it; -1 while nobody does. */
  final int[] server;

  /** Where it stands in that server's list. */
  final int[] place;

  /** When it came there. */
  final long[] since;

  /** What it wants now. */
  final double[] demand;

  private final double[] base;
  private final double[] deviation;
  private final double noise;
  private final Map<ServerId, Double>[] locality;
  private final SplittableRandom random;

  @SuppressWarnings("unchecked")
  Clients(int count, int servers, double noise, SplittableRandom random) {
    this.count = count;
    this.volumes = Math.max(1, count / PER_VOLUME);
    this.noise = noise;
    this.random = random;
    this.sessions = new String[count];
    this.hosts = new String[count];
    this.bySession = new HashMap<>(2 * count);
    this.server = new int[count];
    this.place = new int[count];
    this.since = new long[count];
    this.demand = new double[count];
    this.base = new double[count];
    this.deviation = new double[count];
    this.locality = (Map<ServerId, Double>[]) new Map<?, ?>[volumes];
    for (int client = 0; client < count; client++) {
      sessions[client] = "%012x".formatted(client);
      hosts[client] = "host-" + (hasSibling(client) ? client - client % MULTIPATH : client);
      bySession.put(sessions[client], client);
      server[client] = -1;
      base[client] = Math.exp(SPREAD * random.nextGaussian() - SPREAD * SPREAD / 2);
      demand[client] = base[client];
    }
    for (int volume = 0; volume < volumes; volume++) {
      Map<ServerId, Double> shares = new HashMap<>();
      for (int home = 0; home < HOMES; home++) {
        ServerId id = new ServerId("s%05d".formatted(random.nextInt(servers)));
        shares.merge(id, 1.0 / HOMES, Double::sum);
      }
      locality[volume] = Map.copyOf(shares);
    }
  }

  int volume(int client) {
    return client % volumes;
  }

  Map<ServerId, Double> locality(int client) {
    return locality[volume(client)];
  }

  /** The other path of the same host; -1 when there is none. */
  int sibling(int client) {
    return !hasSibling(client) ? -1 : client % MULTIPATH == 0 ? client + 1 : client - 1;
  }

  private boolean hasSibling(int client) {
    return client % MULTIPATH == 1 || (client % MULTIPATH == 0 && client + 1 < count);
  }

  double totalDemand() {
    double total = 0;
    for (double each : base) {
      total += each;
    }
    return total;
  }

  /** A second passes: each wants a little more or less than before. */
  void vary(int hotVolumes, double hotFactor) {
    double fresh = Math.sqrt(1 - MEMORY * MEMORY) * noise;
    for (int client = 0; client < count; client++) {
      deviation[client] = MEMORY * deviation[client] + fresh * random.nextGaussian();
      double hot = volume(client) < hotVolumes ? hotFactor : 1;
      demand[client] = base[client] * hot * Math.max(0, 1 + deviation[client]);
    }
  }
}
