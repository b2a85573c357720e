package io.sandrift.load.pressure;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * How near a server is to what it can do: 0 is idle, 1 saturated, on any hardware; more than 1
 * means that clients wait.
 *
 * @param value the largest of the parts
 * @param parts the used fraction of each of the server's resources
 */
public record Pressure(double value, Map<Part, Double> parts) {

  /** What can saturate. */
  public enum Part {
    /** Commands under way against the knee. */
    DEPTH,
    /** The 99th percentile against its own value when there is little to do. */
    LATENCY,
    /** Network use. */
    NETWORK,
    /** Dirty bytes, flush time and stalls of the store. */
    STORAGE,
    /** Processors, as a guard: counts only when nearly all are busy. */
    CPU
  }

  /** An idle server's. */
  public static final Pressure NONE = new Pressure(0, Map.of());

  public Pressure {
    Map<Part, Double> sorted = new EnumMap<>(Part.class);
    sorted.putAll(parts);
    parts = Collections.unmodifiableMap(sorted);
  }

  /** The part that gives the value; DEPTH when all are 0. */
  public Part largest() {
    Part largest = Part.DEPTH;
    for (Map.Entry<Part, Double> part : parts.entrySet()) {
      if (part.getValue() > parts.getOrDefault(largest, 0.0)) {
        largest = part.getKey();
      }
    }
    return largest;
  }
}
