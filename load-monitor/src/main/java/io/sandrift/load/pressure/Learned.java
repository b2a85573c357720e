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
 * <p><em>The knee</em> comes from how far the median has climbed at each depth, kept for depths of
 * 1, 2, 4, …: it lies where the climb passes two, between the deepest depth that is below that and
 * the next one that was seen. Where no climb has been seen the knee only rises, to twice the depth
 * that went well; it never falls for want of load.
 *
 * <p>Policies compare servers by this, so one bad minute must not set two apart. Windows in which
 * others keep the machine's processors busy teach nothing. A climb is measured against the unloaded
 * latency of its own time, so that what was slow before its code was compiled isn't held against
 * the server. A depth counts while many windows stand for it, earlier ones for less; and the knee
 * follows slowly.
 */
public final class Learned {

  /** What is believed before anything was seen. */
  public static final double FIRST_KNEE = 32;

  /** Two commands can be under way before one waits for another and takes twice its time. */
  static final double LEAST_KNEE = 2;

  /** Windows with fewer commands say nothing. */
  static final long MIN_OPERATIONS = 20;

  /** A depth counts while so many windows, earlier ones for less, stand for it. */
  static final double EVIDENCE = 30;

  /** Depths of 2^0 to 2^12. */
  private static final int DEPTHS = 13;

  /** The median has climbed when it is so many times its unloaded value. */
  private static final double CLIMB = 2;

  private static final double FASTER = 0.2;
  private static final double SLOWER = 0.01;
  private static final double KNEE_STEP = 0.02;

  /** What a window has shown counts for half after 400 later ones. */
  private static final double FADING = Math.pow(0.5, 1.0 / 400);

  /** Little is under way up to this share of the knee, or up to one command. */
  private static final double LIGHT = 0.25;

  /** Others disturb when they use more than this share of the machine's processors. */
  private static final double DISTURBED = 0.5;

  public static final Learned NOTHING =
      new Learned(FIRST_KNEE, 0, 0, new double[DEPTHS], new double[DEPTHS]);

  private final double knee;
  private final double unloadedP50;
  private final double unloadedP99;

  /** How many times its unloaded value the median was at each depth, on average. Never changed. */
  private final double[] climbs;

  /** Of how many windows that is the average, earlier ones counting for less. Never changed. */
  private final double[] windows;

  private Learned(
      double knee, double unloadedP50, double unloadedP99, double[] climbs, double[] windows) {
    this.knee = knee;
    this.unloadedP50 = unloadedP50;
    this.unloadedP99 = unloadedP99;
    this.climbs = climbs;
    this.windows = windows;
  }

  /** The number of commands under way from which latency climbs, 2 to 8192. */
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
   * @param othersCpu share of the machine's processors that others used, 0 to 1
   */
  public Learned after(
      double inFlight, long operations, double p50Micros, double p99Micros, double othersCpu) {
    if (operations < MIN_OPERATIONS
        || othersCpu > DISTURBED
        || !(p50Micros > 0)
        || !(p99Micros > 0)
        || !Double.isFinite(inFlight + p50Micros + p99Micros)) {
      return this;
    }
    boolean isLight = inFlight <= Math.max(1, LIGHT * knee);
    double nextP50 = follow(unloadedP50, p50Micros, isLight);
    double nextP99 = follow(unloadedP99, p99Micros, isLight);
    double[] nextClimbs = Arrays.copyOf(climbs, DEPTHS);
    double[] nextWindows = new double[DEPTHS];
    Arrays.setAll(nextWindows, depth -> FADING * windows[depth]);
    int depth = depthIndex(inFlight);
    // Who waits for all others that are under way takes as many times as long; what is beyond that
    // has other reasons.
    double climb = Math.min(Math.max(1, inFlight), p50Micros / nextP50);
    nextWindows[depth]++;
    nextClimbs[depth] += (climb - climbs[depth]) / nextWindows[depth];
    double target = target(nextClimbs, nextWindows);
    double nextKnee = Math.exp((1 - KNEE_STEP) * Math.log(knee) + KNEE_STEP * Math.log(target));
    return new Learned(nextKnee, nextP50, nextP99, nextClimbs, nextWindows);
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

  private double target(double[] climbs, double[] windows) {
    int deepestGood = -1;
    for (int depth = 0; depth < DEPTHS; depth++) {
      if (windows[depth] >= EVIDENCE && climbs[depth] < CLIMB) {
        deepestGood = depth;
      }
    }
    for (int depth = deepestGood + 1; depth < DEPTHS; depth++) {
      if (windows[depth] >= EVIDENCE) {
        return Math.max(LEAST_KNEE, between(climbs, deepestGood, depth));
      }
    }
    return deepestGood < 0 ? knee : Math.max(knee, Math.scalb(1.0, deepestGood + 1));
  }

  /** Where the climb passes two; half of the first depth that was seen when all are beyond that. */
  private static double between(double[] climbs, int good, int bad) {
    if (good < 0) {
      return Math.scalb(1.0, bad - 1);
    }
    double share = (CLIMB - climbs[good]) / (climbs[bad] - climbs[good]);
    return Math.pow(2, good + share * (bad - good));
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
