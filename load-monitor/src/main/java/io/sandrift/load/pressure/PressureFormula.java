package io.sandrift.load.pressure;

import io.sandrift.load.pressure.Pressure.Part;
import io.sandrift.load.sample.Sample;
import java.util.EnumMap;
import java.util.Map;

/**
 * ★ The load score: the largest of the used fractions of a server's resources.
 *
 * <pre>
 * DEPTH    in flight / knee
 * LATENCY  log(p99 / unloaded p99) / log(latency ratio), at most 1,
 *          × min(1, in flight / (depth share × knee))
 * NETWORK  share of its speed in use
 * STORAGE  the largest of: dirty bytes / limit, flush time / limit, share of time stalled
 * CPU      (share in use − guard) / (1 − guard), 0 below the guard
 * </pre>
 *
 * <p>The knee and the unloaded p99 are the server's own, so that a number means the same on any
 * hardware: half of what it can do is 0.5 on a small server and on a large one. DEPTH alone goes
 * beyond 1, as it says how many wait; the others say that something is full.
 */
public final class PressureFormula {

  public static final PressureFormula DEFAULT = new PressureFormula(PressureScale.DEFAULT);

  private final PressureScale scale;

  public PressureFormula(PressureScale scale) {
    this.scale = scale;
  }

  /** The pressure of one sample. */
  public Pressure of(Sample sample) {
    Map<Part, Double> parts = new EnumMap<>(Part.class);
    parts.put(Part.DEPTH, depth(sample));
    parts.put(Part.LATENCY, latency(sample));
    parts.put(Part.NETWORK, fraction(sample.network()));
    parts.put(Part.STORAGE, storage(sample));
    parts.put(Part.CPU, fraction((sample.cpu() - scale.cpuGuard()) / (1 - scale.cpuGuard())));
    double largest = parts.values().stream().mapToDouble(Double::doubleValue).max().orElse(0);
    return new Pressure(largest, parts);
  }

  private static double depth(Sample sample) {
    double depth = sample.inFlight() / sample.knee();
    return Double.isFinite(depth) ? Math.max(0, depth) : 0;
  }

  private double latency(Sample sample) {
    if (sample.unloadedP99Micros() <= 0 || sample.latencyP99Micros() <= 0) {
      return 0;
    }
    double ratio = sample.latencyP99Micros() / sample.unloadedP99Micros();
    double excess = Math.log(ratio) / Math.log(scale.latencyRatio());
    return fraction(excess) * fraction(depth(sample) / scale.depthShare());
  }

  private double storage(Sample sample) {
    double dirty = (double) sample.dirtyBytes() / scale.dirtyBytes();
    double flush = sample.flushMillis() / scale.flushTime().toMillis();
    return fraction(Math.max(Math.max(dirty, flush), sample.storeStalled()));
  }

  private static double fraction(double value) {
    return Double.isNaN(value) ? 0 : Math.min(1, Math.max(0, value));
  }
}
