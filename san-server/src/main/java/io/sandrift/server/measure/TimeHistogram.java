package io.sandrift.server.measure;

import com.codahale.metrics.Histogram;
import java.util.concurrent.atomic.LongAdder;

/** A histogram of nanoseconds that also knows their sum, which Dropwizard's doesn't. */
final class TimeHistogram extends Histogram {

  private final LongAdder sumNanos = new LongAdder();

  TimeHistogram(HdrReservoir reservoir) {
    super(reservoir);
  }

  @Override
  public void update(long nanos) {
    super.update(nanos);
    sumNanos.add(nanos);
  }

  long sumNanos() {
    return sumNanos.sum();
  }
}
