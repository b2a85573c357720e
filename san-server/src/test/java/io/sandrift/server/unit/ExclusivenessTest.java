package io.sandrift.server.unit;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.reservation.ReservationRequest;
import io.sandrift.server.scsi.reservation.ReservationRequest.ServiceAction;
import io.sandrift.server.scsi.reservation.ReservationType;
import io.sandrift.server.scsi.task.NexusId;
import io.sandrift.server.scsi.unit.SharedUnit.Verdict;
import io.sandrift.server.scsi.unit.UnitRules;
import io.sandrift.server.scsi.unit.UnitState;
import io.sandrift.server.unit.SimulatedCluster.Server;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Never are two exclusive holders admitted at once, whatever the servers, the network and ZooKeeper
 * go through: looked at after every single event of many seeded schedules.
 */
@Tag("S11")
class ExclusivenessTest {

  private static final int SCHEDULES = 60;
  private static final int ACTIONS = 60;
  private static final List<NexusId> NEXUSES =
      List.of(
          new NexusId("iqn.one,i,0x000000000001", 1),
          new NexusId("iqn.two,i,0x000000000001", 1),
          new NexusId("iqn.three,i,0x000000000001", 1));

  @Test
  void noTwoExclusiveHoldersAreEverAdmittedAtOnce() {
    int changes = 0;
    for (long seed = 0; seed < SCHEDULES; seed++) {
      changes += new Schedule(seed).run();
    }
    assertThat(changes).as("changes that came through").isGreaterThan(SCHEDULES * 5);
  }

  private static final class Schedule {

    private final long seed;
    private final SimulatedCluster cluster;
    private int made;

    Schedule(long seed) {
      this.seed = seed;
      this.cluster = new SimulatedCluster(seed, 3);
    }

    int run() {
      for (int i = 0; i < NEXUSES.size(); i++) {
        int before = made;
        submit(cluster.server(0), i, ServiceAction.REGISTER, 0, key(i));
        cluster.runUntil(() -> made > before);
      }
      for (int i = 0; i < ACTIONS; i++) {
        act();
        watchFor(Duration.ofMillis(cluster.random().nextInt(1500)));
      }
      for (Server server : cluster.servers()) {
        heal(server);
      }
      int before = made;
      // All are well again: they agree, and go on.
      watchFor(Duration.ofSeconds(60));
      submit(cluster.server(1), 0, ServiceAction.PREEMPT, key(0), key(1));
      submit(cluster.server(2), 1, ServiceAction.PREEMPT, key(1), key(2));
      cluster.runUntil(() -> made >= before + 2);
      watchFor(Duration.ofSeconds(5));
      UnitState state = cluster.server(0).unit().latest();
      for (Server server : cluster.servers()) {
        assertThat(server.unit().isSettled()).as("seed %s: %s", seed, server.id).isTrue();
        assertThat(server.unit().latest()).as("seed %s: %s", seed, server.id).isEqualTo(state);
      }
      return made;
    }

    private static long key(int nexus) {
      return nexus + 1;
    }

    private void act() {
      Server server = cluster.server(cluster.random().nextInt(3));
      Server other = cluster.server(cluster.random().nextInt(3));
      int nexus = cluster.random().nextInt(3);
      int victim = (nexus + 1 + cluster.random().nextInt(2)) % 3;
      switch (cluster.random().nextInt(14)) {
        case 0, 1, 2 -> submit(server, nexus, ServiceAction.RESERVE, key(nexus), 0);
        case 3, 4, 5, 6 -> submit(server, nexus, ServiceAction.PREEMPT, key(nexus), key(victim));
        case 7, 8 ->
            submit(server, nexus, ServiceAction.REGISTER_AND_IGNORE_EXISTING_KEY, 0, key(nexus));
        case 9 -> server.isCutFromZooKeeper = true;
        case 10 -> {
          if (server != other) {
            server.isCutFrom.add(other.id);
          }
        }
        case 11 -> {
          // Two stay, so that power isn't lost.
          if (cluster.servers().stream().filter(Server::isAlive).count() == 3) {
            server.kill();
          }
        }
        case 12 -> server.pause();
        default -> heal(server);
      }
    }

    private static void heal(Server server) {
      server.isCutFromZooKeeper = false;
      server.isCutFrom.clear();
      if (!server.isAlive()) {
        server.start();
      } else if (!server.isRunning()) {
        server.resume();
      }
    }

    private void submit(Server server, int nexus, ServiceAction action, long key, long actionKey) {
      if (!server.isRunning()) {
        return;
      }
      ReservationRequest request =
          new ReservationRequest(
              action,
              Optional.of(ReservationType.EXCLUSIVE_ACCESS),
              key,
              actionKey,
              false,
              false,
              List.of(),
              Optional.empty());
      server
          .units()
          .submit(
              server.unit(),
              UnitRules.persistentReserve(NEXUSES.get(nexus), request),
              outcome -> made++);
    }

    private void watchFor(Duration time) {
      boolean[] isOver = {false};
      cluster.after(time.toNanos(), () -> isOver[0] = true);
      while (!isOver[0]) {
        cluster.step();
        look();
      }
    }

    private void look() {
      for (Server server : cluster.servers()) {
        Optional<NexusId> holder = exclusiveHolder(server);
        if (holder.isEmpty()) {
          continue;
        }
        for (Server other : cluster.servers()) {
          for (NexusId nexus : NEXUSES) {
            if (!nexus.equals(holder.get()) && other.isRunning()) {
              assertThat(other.unit().verdict(nexus, Access.WRITE))
                  .as(
                      "seed %s: %s admits %s, while %s goes by a reservation of %s",
                      seed, other.id, nexus, server.id, holder.get())
                  .isNotEqualTo(Verdict.ALLOWED);
            }
          }
        }
      }
    }

    /** Whom the server admits because of a reservation that excludes all others. */
    private static Optional<NexusId> exclusiveHolder(Server server) {
      if (!server.isRunning() || server.unit().latest().reservations().reservation().isEmpty()) {
        return Optional.empty();
      }
      List<NexusId> admitted =
          NEXUSES.stream()
              .filter(nexus -> server.unit().verdict(nexus, Access.WRITE) == Verdict.ALLOWED)
              .toList();
      return server.unit().isSettled() && admitted.size() == 1
          ? Optional.of(admitted.get(0))
          : Optional.empty();
    }
  }
}
