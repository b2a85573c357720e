package io.sandrift.server.measure;

import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One metric of a server, as users see it: declared once, in {@link ServerMetrics}.
 *
 * @param name as Prometheus and JMX show it, with the unit in it: {@code sandrift_…}; a counter's
 *     without the {@code _total} that Prometheus adds
 * @param unit such as {@code bytes}; empty for a plain number
 * @param label what tells several values of it apart, such as {@code kind}; null if there is one
 * @param sentence what it says
 */
public record Metric(String name, Type type, String unit, @Nullable String label, String sentence) {

  /** How a value is to be read. */
  public enum Type {
    /** Only grows, from the server's start on. */
    COUNTER,
    /** Goes up and down. */
    GAUGE,
    /** Quantiles of the last ten seconds, with a count and a sum that only grow. */
    SUMMARY
  }

  private static final Pattern NAME = Pattern.compile("sandrift(_[a-z0-9]+)+");

  public Metric {
    Objects.requireNonNull(type);
    if (!NAME.matcher(name).matches() || name.endsWith("_total")) {
      throw new IllegalArgumentException("metric '" + name + "' is not named sandrift_…");
    }
    if (!unit.isEmpty() && !name.endsWith("_" + unit)) {
      throw new IllegalArgumentException("metric " + name + " does not end with its unit " + unit);
    }
  }

  /** The name of one value among Dropwizard's metrics, and so in JMX. */
  String registered(@Nullable String value) {
    if ((label == null) != (value == null)) {
      throw new IllegalArgumentException(
          "metric " + name + (label == null ? " has no label" : " needs a value of " + label));
    }
    return value == null ? name : name + "." + value;
  }
}
