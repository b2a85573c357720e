package io.sandrift.server.measure;

import com.codahale.metrics.Snapshot;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.HdrHistogram.Histogram;

/** A histogram as Dropwizard's reporters read one. Not changed any more. */
final class HdrSnapshot extends Snapshot {

  private static final double NANOS_PER_MICRO = 1000;

  private final Histogram histogram;

  HdrSnapshot(Histogram histogram) {
    this.histogram = histogram;
  }

  @Override
  public double getValue(double quantile) {
    return histogram.getTotalCount() == 0 ? 0 : histogram.getValueAtPercentile(quantile * 100);
  }

  /** Not the values themselves, of which there may be millions: one for each of 100 quantiles. */
  @Override
  public long[] getValues() {
    long[] values = new long[histogram.getTotalCount() == 0 ? 0 : 100];
    for (int i = 0; i < values.length; i++) {
      values[i] = histogram.getValueAtPercentile(i + 1);
    }
    return values;
  }

  @Override
  public int size() {
    return (int) Math.min(Integer.MAX_VALUE, histogram.getTotalCount());
  }

  @Override
  public long getMax() {
    return histogram.getMaxValue();
  }

  @Override
  public double getMean() {
    return histogram.getMean();
  }

  @Override
  public long getMin() {
    return histogram.getTotalCount() == 0 ? 0 : histogram.getMinValue();
  }

  @Override
  public double getStdDev() {
    return histogram.getStdDeviation();
  }

  @Override
  public void dump(OutputStream output) {
    PrintStream text = new PrintStream(output, false, StandardCharsets.UTF_8);
    histogram.outputPercentileDistribution(text, NANOS_PER_MICRO);
    text.flush();
  }
}
