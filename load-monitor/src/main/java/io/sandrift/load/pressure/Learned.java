package io.sandrift.load.pressure;

import java.util.Arrays;

/**
 * What a server has learned of itself: the knee, which is the number of commands under way from
 * which latency climbs, and the latency that it has when there is little to do. Immutable; each
 * window makes the next one.
 *
 * <p><em>Unloaded latency</em> is a low quantile of the windows' percentiles, followed in unequal
 * steps: down fast, and up slowly and only in windows with little under way, so that load never
 * passes for the hardware's own speed.
 *
 * <p><em>The knee</em> comes from the median latency at each depth, kept for depths of 1, 2, 4, …:
 * it lies where the median passes twice its unloaded value, between the deepest depth that is below
 * that and the next one that was seen. Where no climb has been seen the knee only rises, to twice
 * the depth that went well; it never falls for want of load. The published knee follows the
 * estimate slowly, as policies compare servers by it.
 */
public final class Learned {

  /** What is believed before anything was seen. */
  public static final double FIRST_KNEE = 32;

  /** Windows with fewer commands say nothing. */
  static final long MIN_OPERATIONS = 20;

  /** Depths of 2^0 to 2^12. */
  private static final int DEPTHS = 13;

  /** The median has climbed when it is so many times its unloaded value. */
  private static final double CLIMB = 2;

  private static final double FASTER = 0.2;
  private static final double SLOWER = 0.01;
  private static final double DEPTH_STEP = 0.1;
  private static final double KNEE_STEP = 0.1;

  /** Little is under way up to this share of the knee, or up to one command. */
  private static final double LIGHT = 0.25;

  public static final Learned NOTHING = new Learned(FIRST_KNEE, 0, 0, new double[DEPTHS]);

  private final double knee;
  private final double unloadedP50;
  private final double unloadedP99;

  /** The median at each depth; 0 where nothing was seen. Never changed. */
  private final double[] medians;

  private Learned(double knee, double unloadedP50, double unloadedP99, double[] medians) {
    this.knee = knee;
    this.unloadedP50 = unloadedP50;
    this.unloadedP99 = unloadedP99;
    this.medians = medians;
  }

  /** The number of commands under way from which latency climbs, 1 to 8192. */
  public double knee() {
    return knee;
  }

  /** The 99th percentile with little to do, in microseconds; 0 before the first busy window. */
  public double unloadedP99Micros() {
    return unloadedP99;
  }

  /**
   * What is known after one more window.
   *
   * @param inFlight mean number of commands under way
   * @param operations commands that ended
   * @param p50Micros their median time
   * @param p99Micros their 99th percentile
   */
  public Learned after(double inFlight, long operations, double p50Micros, double p99Micros) {
    if (operations < MIN_OPERATIONS
        || !(p50Micros > 0)
        || !(p99Micros > 0)
        || !Double.isFinite(inFlight + p50Micros + p99Micros)) {
      return this;
    }
    boolean isLight = inFlight <= Math.max(1, LIGHT * knee);
    double nextP50 = follow(unloadedP50, p50Micros, isLight);
    double nextP99 = follow(unloadedP99, p99Micros, isLight);
    double[] nextMedians = Arrays.copyOf(medians, DEPTHS);
    int depth = depthIndex(inFlight);
    nextMedians[depth] =
        medians[depth] == 0
            ? p50Micros
            : medians[depth] + DEPTH_STEP * (p50Micros - medians[depth]);
    double target = target(nextMedians, nextP50);
    double nextKnee = Math.exp((1 - KNEE_STEP) * Math.log(knee) + KNEE_STEP * Math.log(target));
    return new Learned(nextKnee, nextP50, nextP99, nextMedians);
  }

  private static double follow(double known, double seen, boolean mayRise) {
    if (known == 0) {
      return seen;
    }
    if (seen < known) {
      return known + FASTER * (seen - known);
    }
    return mayRise ? known + SLOWER * (seen - known) : known;
  }

  private double target(double[] medians, double unloaded) {
    double limit = CLIMB * unloaded;
    int deepestGood = -1;
    int shallowestSeen = -1;
    for (int depth = 0; depth < DEPTHS; depth++) {
      if (medians[depth] > 0) {
        shallowestSeen = shallowestSeen < 0 ? depth : shallowestSeen;
        if (medians[depth] < limit) {
          deepestGood = depth;
        }
      }
    }
    if (deepestGood < 0) {
      return Math.max(1, Math.scalb(1.0, shallowestSeen - 1));
    }
    for (int depth = deepestGood + 1; depth < DEPTHS; depth++) {
      if (medians[depth] > 0) {
        double share = (limit - medians[deepestGood]) / (medians[depth] - medians[deepestGood]);
        return Math.pow(2, deepestGood + share * (depth - deepestGood));
      }
    }
    return Math.max(knee, Math.scalb(1.0, deepestGood + 1));
  }

  private static int depthIndex(double inFlight) {
    int index = (int) Math.round(Math.log(Math.max(1, inFlight)) / Math.log(2));
    return Math.min(DEPTHS - 1, index);
  }

  @Override
  public String toString() {
    return "knee " + knee + ", unloaded p50 " + unloadedP50 + " µs, p99 " + unloadedP99 + " µs";
  }
}
