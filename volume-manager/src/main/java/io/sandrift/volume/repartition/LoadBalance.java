package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.repartition.Draft.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lowers the largest pressure: a hot partition leaves the server that has it, alone or in exchange
 * for a colder one, as long as that is worth its cost.
 *
 * <p>Worth it: the largest of the pressures falls by enough, and the pressure saved over the
 * horizon is more than the copying costs meanwhile on both servers. Nothing is done while no server
 * is under pressure, nor while all are about equally so.
 */
final class LoadBalance {

  /** Below this, nobody waits for anything. */
  private static final double LOW = 0.3;

  /** Largest over mean from which on something is done. */
  private static final double IMBALANCE = 1.15;

  /** What one step must take off the largest pressure. */
  private static final double LEAST_GAIN = 0.01;

  /** For how long the present load is trusted to last, in seconds. */
  private static final double HORIZON_SECONDS = 600;

  /** The pressure that copying puts on each of its two servers. */
  private static final double COPYING = 0.2;

  /** A rate to reckon with when none is known: 50 MB/s. */
  private static final double DEFAULT_RATE = 50e6;

  private static final int MAX_STEPS = 256;

  /** How many of a server's hottest, and coldest, partitions are looked at. */
  private static final int CANDIDATES = 32;

  private record Step(Place hot, ServerId to, @Nullable Place cold, double largest) {}

  private final Draft draft;
  private final Pressures pressures;
  private final double bytesPerSecond;

  private LoadBalance(Draft draft, Pressures pressures, double bytesPerSecond) {
    this.draft = draft;
    this.pressures = pressures;
    this.bytesPerSecond = bytesPerSecond > 0 ? bytesPerSecond : DEFAULT_RATE;
  }

  /** Adds the moves to a draft. */
  static void apply(Draft draft, Pressures measured, double bytesPerSecond) {
    for (int v = 0; v < draft.volumes(); v++) {
      for (int p = 0; p < draft.partitions(v); p++) {
        Place place = new Place(v, p);
        measured.shift(draft.partition(place), draft.partition(place).owner(), draft.owner(place));
      }
    }
    new LoadBalance(draft, measured, bytesPerSecond).run();
  }

  private void run() {
    List<ServerStanding> servers = draft.staying();
    for (int step = 0; step < MAX_STEPS; step++) {
      ServerStanding hottest =
          servers.stream()
              .max(Comparator.comparingDouble(server -> pressures.of(server.id())))
              .orElseThrow();
      double largest = pressures.of(hottest.id());
      double mean =
          servers.stream().mapToDouble(server -> pressures.of(server.id())).average().orElse(0);
      if (largest < LOW || largest < mean * IMBALANCE) {
        return;
      }
      Step best = best(hottest.id(), largest, servers);
      if (best == null) {
        return;
      }
      perform(best, hottest.id());
    }
  }

  private @Nullable Step best(ServerId from, double largest, List<ServerStanding> servers) {
    double second =
        servers.stream()
            .filter(server -> !server.id().equals(from))
            .mapToDouble(server -> pressures.of(server.id()))
            .max()
            .orElse(0);
    Step best = null;
    for (Place hot : hottest(from)) {
      for (ServerStanding to : servers) {
        if (to.id().equals(from) || !draft.fits(hot, to.id())) {
          continue;
        }
        List<@Nullable Place> partners = new ArrayList<>();
        partners.add(null);
        partners.addAll(coldest(to.id()));
        for (Place cold : partners) {
          if (cold != null && !draft.fits(cold, from)) {
            continue;
          }
          double here = largest - load(hot, from) + (cold == null ? 0 : load(cold, from));
          double there =
              pressures.of(to.id()) + load(hot, to.id()) - (cold == null ? 0 : load(cold, to.id()));
          double after = Math.max(Math.max(here, there), Math.min(second, largest));
          // The mean of the two breaks ties while a third server stays the largest.
          double rank = Math.max(here, there);
          if (largest - after >= LEAST_GAIN
              && isWorth(largest - after, hot, cold)
              && (best == null || rank < best.largest)) {
            best = new Step(hot, to.id(), cold, rank);
          }
        }
      }
    }
    return best;
  }

  private boolean isWorth(double gain, Place hot, @Nullable Place cold) {
    double bytes = copied(hot) + (cold == null ? 0 : copied(cold));
    return gain * HORIZON_SECONDS > 2 * COPYING * bytes / bytesPerSecond;
  }

  private long copied(Place place) {
    return draft.bytes(place);
  }

  private double load(Place place, ServerId at) {
    return pressures.of(draft.partition(place), at);
  }

  private List<Place> hottest(ServerId server) {
    return draft.movable(server).stream()
        .filter(place -> load(place, server) > 0)
        .sorted(Comparator.comparingDouble((Place place) -> load(place, server)).reversed())
        .limit(CANDIDATES)
        .toList();
  }

  private List<Place> coldest(ServerId server) {
    return draft.movable(server).stream()
        .sorted(Comparator.comparingDouble(place -> load(place, server)))
        .limit(CANDIDATES)
        .toList();
  }

  private void perform(Step step, ServerId from) {
    pressures.shift(draft.partition(step.hot), from, step.to);
    draft.move(step.hot, step.to);
    if (step.cold != null) {
      pressures.shift(draft.partition(step.cold), step.to, from);
      draft.move(step.cold, from);
    }
  }
}
