package io.sandrift.server.measure;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.codahale.metrics.jmx.JmxReporter;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The values of one server's metrics, in Dropwizard's registry. Whoever counts something asks here
 * for its counter, by the declaration in {@link ServerMetrics}; whoever knows a number gives a
 * function that tells it. Safe for all threads.
 */
public final class Measurements implements AutoCloseable {

  /** The domain of the metrics' names in JMX. */
  private static final String JMX_DOMAIN = "io.sandrift";

  private final MetricRegistry registry = new MetricRegistry();
  private @Nullable JmxReporter jmx;

  /** The counter of a metric without a label; the same one each time. */
  public Counter counter(Metric metric) {
    return counter(metric, null);
  }

  /** The counter of one value of a metric's label; the same one each time. */
  public Counter counter(Metric metric, @Nullable String value) {
    require(metric, Metric.Type.COUNTER);
    return registry.counter(metric.registered(value));
  }

  /**
   * Has a gauge, or a counter that is kept elsewhere, told by a function; replaces an earlier one.
   */
  public void tell(Metric metric, Supplier<? extends Number> number) {
    tell(metric, null, number);
  }

  /** Has one value of a metric's label told by a function; it must not block. */
  public void tell(Metric metric, @Nullable String value, Supplier<? extends Number> number) {
    if (metric.type() == Metric.Type.SUMMARY) {
      throw new IllegalArgumentException(metric.name() + " is a summary, not a number");
    }
    String name = metric.registered(value);
    registry.remove(name);
    registry.register(name, (Gauge<Number>) number::get);
  }

  /** A histogram of nanoseconds. */
  TimeHistogram histogram(Metric metric, String value, HdrReservoir reservoir) {
    require(metric, Metric.Type.SUMMARY);
    return registry.register(metric.registered(value), new TimeHistogram(reservoir));
  }

  /** Dropwizard's own view of them. */
  MetricRegistry registry() {
    return registry;
  }

  /** Shows them in JMX, from now on until {@link #close}. */
  public synchronized void showInJmx() {
    if (jmx == null) {
      jmx = JmxReporter.forRegistry(registry).inDomain(JMX_DOMAIN).build();
      jmx.start();
    }
  }

  /** Takes them out of JMX. May be called twice. */
  @Override
  public synchronized void close() {
    if (jmx != null) {
      jmx.close();
      jmx = null;
    }
  }

  private static void require(Metric metric, Metric.Type type) {
    if (metric.type() != type) {
      throw new IllegalArgumentException(
          metric.name() + " is a " + metric.type() + ", not a " + type);
    }
  }
}
