package io.sandrift.server.measure;

import com.codahale.metrics.Counting;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.Snapshot;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The metrics as the text that Prometheus reads: each with the type, unit and sentence of its
 * declaration. Called on the admin API's threads.
 */
public final class PrometheusPage {

  /** What a summary shows. */
  private static final double[] QUANTILES = {0.5, 0.9, 0.99, 0.999};

  private static final double NANOS_PER_SECOND = 1e9;

  private final Measurements measurements;

  public PrometheusPage(Measurements measurements) {
    this.measurements = measurements;
  }

  /** The page's media type. */
  public String contentType() {
    return PrometheusTextFormatWriter.CONTENT_TYPE;
  }

  /** The page now. */
  public byte[] bytes() {
    List<MetricSnapshot> snapshots = new ArrayList<>();
    Map<String, com.codahale.metrics.Metric> registered = measurements.registry().getMetrics();
    for (Metric metric : ServerMetrics.all()) {
      SortedMap<Labels, com.codahale.metrics.Metric> values = values(metric, registered);
      if (!values.isEmpty()) {
        snapshots.add(snapshot(metric, values));
      }
    }
    ByteArrayOutputStream page = new ByteArrayOutputStream(16 << 10);
    try {
      PrometheusTextFormatWriter.create().write(page, new MetricSnapshots(snapshots));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return page.toByteArray();
  }

  private static SortedMap<Labels, com.codahale.metrics.Metric> values(
      Metric metric, Map<String, com.codahale.metrics.Metric> registered) {
    SortedMap<Labels, com.codahale.metrics.Metric> values = new TreeMap<>();
    String label = metric.label();
    if (label == null) {
      com.codahale.metrics.Metric value = registered.get(metric.name());
      if (value != null) {
        values.put(Labels.EMPTY, value);
      }
      return values;
    }
    String prefix = metric.name() + ".";
    registered.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            values.put(Labels.of(label, name.substring(prefix.length())), value);
          }
        });
    return values;
  }

  private static MetricSnapshot snapshot(
      Metric metric, SortedMap<Labels, com.codahale.metrics.Metric> values) {
    return switch (metric.type()) {
      case COUNTER -> {
        CounterSnapshot.Builder builder =
            CounterSnapshot.builder().name(metric.name()).help(metric.sentence());
        values.forEach(
            (labels, value) ->
                builder.dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(labels)
                        .value(Math.max(0, number(value)))
                        .build()));
        yield builder.build();
      }
      case GAUGE -> {
        GaugeSnapshot.Builder builder =
            GaugeSnapshot.builder().name(metric.name()).help(metric.sentence());
        values.forEach(
            (labels, value) ->
                builder.dataPoint(
                    GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(labels)
                        .value(number(value))
                        .build()));
        yield builder.build();
      }
      case SUMMARY -> {
        SummarySnapshot.Builder builder =
            SummarySnapshot.builder().name(metric.name()).help(metric.sentence());
        values.forEach((labels, value) -> builder.dataPoint(summary(labels, value)));
        yield builder.build();
      }
    };
  }

  private static SummarySnapshot.SummaryDataPointSnapshot summary(
      Labels labels, com.codahale.metrics.Metric value) {
    TimeHistogram times = (TimeHistogram) value;
    Snapshot snapshot = times.getSnapshot();
    Quantiles.Builder quantiles = Quantiles.builder();
    for (double quantile : QUANTILES) {
      quantiles.quantile(new Quantile(quantile, snapshot.getValue(quantile) / NANOS_PER_SECOND));
    }
    return SummarySnapshot.SummaryDataPointSnapshot.builder()
        .labels(labels)
        .quantiles(quantiles.build())
        .count(times.getCount())
        .sum(times.sumNanos() / NANOS_PER_SECOND)
        .build();
  }

  private static double number(com.codahale.metrics.Metric value) {
    if (value instanceof Gauge<?> gauge) {
      return gauge.getValue() instanceof Number number ? number.doubleValue() : Double.NaN;
    }
    return value instanceof Counting counting ? counting.getCount() : Double.NaN;
  }
}
