package io.sandrift.server.distribution.policy;

import io.sandrift.load.pressure.Pressure.Part;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.view.ServerLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the adaptive policy believes of one server: its averaged pressure, how much its samples
 * vary, whether it is hot or cold, what its sessions weigh, and whether the last moves from it
 * helped.
 *
 * <pre>
 *            above enter, N windows in a row               below leave
 *   NORMAL ───────────────────────────────▶ HOT ─────────────────────────▶ NORMAL
 *     │  ▲                                   └── moves didn't help ──▶ NORMAL, held
 *     │  └──────── above (1 - idle / 2) ──── COLD
 *     └── below (1 - idle), N in a row ──────▶
 * </pre>
 */
final class ServerTrack {

  /** What it is, against the mean. */
  enum Temperature {
    NORMAL,
    HOT,
    COLD
  }

  /** Before anything is known, samples are taken to vary by this share. */
  private static final double FIRST_NOISE = 0.1;

  /** Of a normal distribution: its standard deviation over its mean distance. */
  private static final double DEVIATION_OF_SPREAD = 1.25;

  /** Moves are judged together, so long after the first. */
  private static final Duration TRIAL = Duration.ofSeconds(8);

  /** And by so many samples after them. */
  private static final int TRIAL_SAMPLES = 3;

  /** Moves help when they bring at least this share of what was expected. */
  private static final double HELPED = 0.25;

  /** A trial of fewer moves is within the noise. */
  private static final int TRIAL_MOVES = 3;

  private static final int LONGEST_HOLD = 16;

  /** How long a server rests whose sessions all are better where they are. */
  private static final Duration REST = Duration.ofSeconds(5);

  private static final class Trial {
    private final Instant began;
    private final double before;
    private final double noise;
    private double expected;
    private int moves;
    private final List<Double> after = new ArrayList<>();

    Trial(Instant began, double before, double noise) {
      this.began = began;
      this.before = before;
      this.noise = noise;
    }
  }

  private final AdaptiveRules rules;
  private ServerLoad load;
  private Measured measured;
  private double belief;
  private double spread;
  private final Instant knownSince;
  private Temperature temperature = Temperature.NORMAL;
  private int above;
  private int below;
  private Map<String, Double> weights = Map.of();
  private @Nullable Trial trial;
  private Instant heldUntil = Instant.EPOCH;
  private Instant restsUntil = Instant.EPOCH;
  private int holds = 1;

  /**
   * @param first a load that has a sample
   * @param underWay what moves under way will add to its pressure, negative for what leaves
   */
  ServerTrack(AdaptiveRules rules, ServerLoad first, double underWay) {
    this.rules = rules;
    this.load = first;
    this.measured = Measured.of(first);
    this.knownSince = measured.from();
    this.belief = Math.max(0, first.pressure().value() + underWay);
    this.spread = FIRST_NOISE * belief;
    weigh(1);
  }

  /** Takes a later view of the server; a sample that is already known changes nothing. */
  void observe(ServerLoad next, double underWay, double mean) {
    Measured when = Measured.of(next);
    boolean fresh = !sameSample(next);
    load = next;
    if (!fresh) {
      return;
    }
    double seconds = Math.max(0.05, Duration.between(measured.to(), when.to()).toMillis() / 1000.0);
    measured = when;
    double value = next.pressure().value() + underWay;
    // At first the plain mean of all samples, so that the first one doesn't count for more.
    double first = seconds * 1000 / Math.max(1, Duration.between(knownSince, when.to()).toMillis());
    double share = Math.min(1, Math.max(first, share(seconds, 1)));
    double difference = value - belief;
    belief = Math.max(0, belief + share * difference);
    spread += Math.min(1, Math.max(first, share(seconds, 2))) * (Math.abs(difference) - spread);
    weigh(share);
    Trial running = trial;
    if (running != null && mean > 0 && !when.from().isBefore(running.began.plus(TRIAL))) {
      running.after.add(value / mean);
    }
  }

  private boolean sameSample(ServerLoad next) {
    Sample before = load.sample();
    Sample now = next.sample();
    return before != null
        && now != null
        && before.sequence() == now.sequence()
        && before.takenAt().equals(now.takenAt());
  }

  /** How much of an average a sample makes that comes so long after the one before. */
  private double share(double seconds, double times) {
    return 1 - Math.exp(-seconds * 1000 / (times * rules.smoothing().toMillis()));
  }

  private void weigh(double share) {
    Sample sample = load.sample();
    if (sample == null) {
      return;
    }
    Map<String, Double> next = new HashMap<>();
    for (SessionLoad session : sample.clients()) {
      double now = contribution(session, sample);
      Double before = weights.get(session.session());
      next.put(session.session(), before == null ? now : before + share * (now - before));
    }
    weights = next;
  }

  /** What of the server's pressure is a session's. */
  private double contribution(SessionLoad session, Sample sample) {
    Part part = load.pressure().largest();
    double own;
    double all;
    if (part == Part.NETWORK || part == Part.STORAGE) {
      own = session.bytesPerSecond();
      all = sample.bytesPerSecond();
    } else {
      own = session.queue();
      all = sample.inFlight();
    }
    return all <= 0 ? 0 : load.pressure().value() * Math.min(1, own / all);
  }

  /** Judges its temperature once in a window. */
  void judge(double mean, boolean mayBegin, Instant now) {
    double deviation = deviation();
    double hotAbove =
        Math.max(mean * rules.enter(), mean * rules.leave() + rules.noise() * deviation);
    double coldBelow =
        Math.min(
            mean * (1 - rules.idle()), mean * (1 - rules.idle() / 2) - rules.noise() * deviation);
    boolean known = !now.isBefore(knownSince.plus(rules.smoothing()));
    above = known && belief > hotAbove ? above + 1 : 0;
    below = known && belief < coldBelow ? below + 1 : 0;
    switch (temperature) {
      case NORMAL -> {
        if (mayBegin && above >= rules.windows() && !isHeld(now)) {
          temperature = Temperature.HOT;
        } else if (mayBegin && below >= rules.windows()) {
          temperature = Temperature.COLD;
        }
      }
      case HOT -> {
        if (belief <= mean * rules.leave() || isHeld(now)) {
          temperature = Temperature.NORMAL;
          above = 0;
        }
      }
      case COLD -> {
        if (belief >= mean * (1 - rules.idle() / 2)) {
          temperature = Temperature.NORMAL;
          below = 0;
        }
      }
    }
  }

  /** Whether the last moves from here helped, once that can be told; if not, it is left alone. */
  void judgeTrial(Instant now) {
    Trial running = trial;
    if (running == null) {
      return;
    }
    if (running.after.size() >= TRIAL_SAMPLES) {
      trial = null;
      double after = running.after.stream().mapToDouble(Double::doubleValue).average().orElse(0);
      if (running.moves < TRIAL_MOVES || running.expected < running.noise) {
        return;
      }
      if (running.before - after < HELPED * running.expected) {
        hold(now);
        holds = Math.min(LONGEST_HOLD, holds * 2);
      } else {
        holds = 1;
      }
    } else if (now.isAfter(running.began.plus(TRIAL.multipliedBy(10)))) {
      trial = null;
    }
  }

  private void hold(Instant now) {
    heldUntil = now.plus(rules.hold().multipliedBy(holds));
  }

  /** Leaves it alone for some windows, as no move from it is worth its cost now. */
  void rest(Instant now) {
    restsUntil = now.plus(REST);
  }

  boolean isResting(Instant now) {
    return now.isBefore(restsUntil);
  }

  boolean isHeld(Instant now) {
    return now.isBefore(heldUntil);
  }

  /** Whether it is above where it stops being hot, with all that was decided in this window. */
  boolean isStillHot(double mean) {
    return belief > mean * rules.leave();
  }

  /** A session is on its way from here. */
  void gives(double pressure, double mean, Instant now) {
    Trial running = trial;
    if (running == null) {
      running = new Trial(now, belief / mean, deviation() / mean);
      trial = running;
    }
    running.expected += pressure / mean;
    running.moves++;
    belief = Math.max(0, belief - pressure);
  }

  /** A session is on its way to here; or, negative, doesn't come after all. */
  void takes(double pressure) {
    belief = Math.max(0, belief + pressure);
  }

  ServerLoad load() {
    return load;
  }

  Measured measured() {
    return measured;
  }

  double belief() {
    return belief;
  }

  /**
   * The standard deviation of its samples, from their mean distance to the average: a sudden change
   * is forgotten sooner than by squares.
   */
  double deviation() {
    return DEVIATION_OF_SPREAD * spread;
  }

  Temperature temperature() {
    return temperature;
  }

  /** What a session that was in the last sample weighs here; 0 when it wasn't. */
  double weight(String session) {
    return weights.getOrDefault(session, 0.0);
  }
}
