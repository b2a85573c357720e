package io.sandrift.server.measure;

import com.codahale.metrics.Counter;
import io.sandrift.server.session.CommandKind;
import io.sandrift.server.session.CommandMeter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Counts the commands of all sessions, and how long they take. Counting is a few additions on the
 * event loop; reading is {@link ServerSampler}'s.
 */
public final class CommandMeasure implements CommandMeter {

  private final Map<CommandKind, Counter> commands = new EnumMap<>(CommandKind.class);
  private final Map<CommandKind, HdrReservoir> reservoirs = new EnumMap<>(CommandKind.class);
  private final Map<CommandKind, TimeHistogram> times = new EnumMap<>(CommandKind.class);
  private final Counter bytesRead;
  private final Counter bytesWritten;

  public CommandMeasure(Measurements measurements) {
    for (CommandKind kind : CommandKind.values()) {
      String label = kind.name().toLowerCase(Locale.ROOT);
      HdrReservoir reservoir = new HdrReservoir();
      commands.put(kind, measurements.counter(ServerMetrics.COMMANDS, label));
      reservoirs.put(kind, reservoir);
      times.put(kind, measurements.histogram(ServerMetrics.COMMAND_SECONDS, label, reservoir));
    }
    bytesRead = measurements.counter(ServerMetrics.BYTES, "read");
    bytesWritten = measurements.counter(ServerMetrics.BYTES, "written");
  }

  @Override
  public void ended(CommandKind kind, long nanos) {
    of(commands, kind).inc();
    of(times, kind).update(nanos);
  }

  @Override
  public void read(long bytes) {
    bytesRead.inc(bytes);
  }

  @Override
  public void written(long bytes) {
    bytesWritten.inc(bytes);
  }

  // ---- What the sampler reads.

  long commands(CommandKind kind) {
    return of(commands, kind).getCount();
  }

  long bytesRead() {
    return bytesRead.getCount();
  }

  long bytesWritten() {
    return bytesWritten.getCount();
  }

  /** The time of all answered commands together. */
  long busyNanos() {
    return times.values().stream().mapToLong(TimeHistogram::sumNanos).sum();
  }

  /** Ends a window; its reads and writes are in what is returned. */
  Histogram turn() {
    Histogram blocks = HdrReservoir.empty();
    Histogram others = HdrReservoir.empty();
    reservoirs.forEach(
        (kind, reservoir) ->
            reservoir.turn(
                kind == CommandKind.READ || kind == CommandKind.WRITE ? blocks : others));
    return blocks;
  }

  private static <T> T of(Map<CommandKind, T> map, CommandKind kind) {
    T value = map.get(kind);
    if (value == null) {
      throw new IllegalStateException("nothing counts " + kind);
    }
    return value;
  }
}
