package io.sandrift.deploy.simulation;

import java.time.Duration;
import java.util.List;

/**
 * What happens in a simulation, whatever the policy.
 *
 * <pre>
 *   0 ────────── 0.2 ─────────────── 0.45 ──────── 0.65 ───────── 0.85 ───── 1   of the time
 *   clients      power failure:      groups of     volumes        they are
 *   log in       all servers and     servers die   become hot     as before
 *                sessions end,       and come
 *                and come back       back
 * </pre>
 *
 * @param seed all chance comes from it
 * @param servers how many
 * @param clients how many sessions want to be served
 * @param time how long it is watched
 * @param hardware the servers' relative capacities; each server has one of them
 * @param utilisation share of all capacity that the clients want on the average
 * @param noise how much a client's demand varies, as a share of it
 * @param hotVolumes how many volumes become hot
 * @param hotFactor how many times as much their clients want then
 * @param powerFailure whether there is one
 * @param boot how long servers take to come back, at the most, when the power is back
 * @param groups into how many groups, such as racks, the servers are divided
 * @param groupFailures how many of the groups die, and come back after a tenth of the time
 * @param gossipDelay how old the samples are that deciders see
 * @param gossipLoss share of the samples that nobody hears
 * @param hasMaster whether a master decides; otherwise each server does, on its own
 */
record Scenario(
    long seed,
    int servers,
    int clients,
    Duration time,
    List<Double> hardware,
    double utilisation,
    double noise,
    int hotVolumes,
    double hotFactor,
    boolean powerFailure,
    Duration boot,
    int groups,
    int groupFailures,
    Duration gossipDelay,
    double gossipLoss,
    boolean hasMaster) {

  static final Scenario DEFAULT =
      new Scenario(
          1,
          100,
          5_000,
          Duration.ofMinutes(15),
          List.of(1.0, 2.0, 4.0),
          0.5,
          0.2,
          3,
          3,
          true,
          Duration.ofSeconds(5),
          20,
          1,
          Duration.ofSeconds(1),
          0,
          true);

  Scenario {
    hardware = List.copyOf(hardware);
    within("servers", servers, 1, 10_000);
    within("clients", clients, 1, 1_000_000);
    within("minutes", time.toMillis() / 60_000.0, 1, 1440);
    within("utilisation", utilisation, 0.01, 10);
    within("noise", noise, 0, 1);
    within("hot volumes", hotVolumes, 0, 10_000);
    within("hot factor", hotFactor, 0, 1000);
    within("boot seconds", boot.toMillis() / 1000.0, 0, 600);
    within("groups", groups, 1, servers);
    within("group failures", groupFailures, 0, groups);
    within("gossip delay", gossipDelay.toMillis() / 1000.0, 0, 60);
    within("gossip loss", gossipLoss, 0, 0.99);
    if (hardware.isEmpty()) {
      throw new IllegalArgumentException("no hardware was given, expected one capacity or more");
    }
    hardware.forEach(capacity -> within("hardware", capacity, 0.1, 16));
  }

  private static void within(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          name + " is " + value + ", expected " + least + " to " + most);
    }
  }

  long powerFailsAt() {
    return at(0.2);
  }

  /** When the power is back. */
  long powerBackAt() {
    return powerFailsAt() + 20_000;
  }

  long groupsFailAt() {
    return at(0.45);
  }

  long groupsBackAt() {
    return at(0.55);
  }

  long hotFrom() {
    return at(0.65);
  }

  long hotUntil() {
    return at(0.85);
  }

  private long at(double share) {
    return Math.round(time.toMillis() * share);
  }
}
