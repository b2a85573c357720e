package io.sandrift.server.measure;

import com.codahale.metrics.Reservoir;
import com.codahale.metrics.Snapshot;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Keeps the values of the last windows, whole, in HDR histograms of two digits: the tail is as
 * right as the middle. Values are nanoseconds, from 1 µs to 100 s; what lies outside counts as the
 * limit.
 *
 * <p>{@link #update} is wait-free and allocates nothing, on any thread. {@link #turn} ends a
 * window; one thread calls it.
 */
final class HdrReservoir implements Reservoir {

  /** So many windows are in a snapshot. */
  private static final int WINDOWS = 10;

  private static final long LEAST_NANOS = 1_000;
  private static final long MOST_NANOS = 100_000_000_000L;
  private static final int DIGITS = 2;

  private final Recorder recorder = new Recorder(LEAST_NANOS, MOST_NANOS, DIGITS);

  /** The last windows, in a ring. Guarded by this. */
  private final Histogram[] windows = new Histogram[WINDOWS];

  private int turns;

  HdrReservoir() {
    for (int i = 0; i < WINDOWS; i++) {
      windows[i] = recorder.getIntervalHistogram();
    }
  }

  @Override
  public void update(long nanos) {
    recorder.recordValue(Math.min(MOST_NANOS, Math.max(LEAST_NANOS, nanos)));
  }

  /** Ends a window, and adds its values to {@code sum}. */
  synchronized void turn(Histogram sum) {
    int next = turns++ % WINDOWS;
    windows[next] = recorder.getIntervalHistogram(windows[next]);
    sum.add(windows[next]);
  }

  /** An empty histogram that windows can be added to. */
  static Histogram empty() {
    return new Histogram(LEAST_NANOS, MOST_NANOS, DIGITS);
  }

  @Override
  public int size() {
    return getSnapshot().size();
  }

  /** The values of the last ten windows that have ended. */
  @Override
  public synchronized Snapshot getSnapshot() {
    Histogram sum = empty();
    for (Histogram window : windows) {
      sum.add(window);
    }
    return new HdrSnapshot(sum);
  }
}
