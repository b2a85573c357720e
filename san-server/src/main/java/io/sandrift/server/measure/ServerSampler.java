package io.sandrift.server.measure;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.monitor.Sampler;
import io.sandrift.load.pressure.Learned;
import io.sandrift.load.sample.ResourceLoad;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.server.session.CommandKind;
import io.sandrift.server.store.StoreActivity;
import io.sandrift.server.store.StoreUsage;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Sample} of what has been counted since the one before, and learns the server's
 * knee and unloaded latency from it. Confined to {@code load-monitor}; {@link #last} may be read by
 * anyone.
 */
public final class ServerSampler implements Sampler {

  /** The heaviest of each are in a sample. */
  private static final int MAX_RESOURCES = 64;

  private static final int MAX_CLIENTS = 256;

  /** After so long the operating system has begun to write back by itself. */
  private static final Duration WRITE_BACK = Duration.ofSeconds(30);

  /** Values that a sample shows follow the windows' by this much: what decides must not jump. */
  private static final double SMOOTHING = 0.4;

  private static final double NANOS_PER_SECOND = 1e9;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final double NANOS_PER_MILLI = 1e6;

  private final ServerId self;
  private final MeasuredServer server;
  private final CommandMeasure commands;
  private final SamplerOptions options;
  private final Clock clock;
  private final Machine machine = new Machine();
  private final long networkBits;

  private Learned learned = Learned.NOTHING;
  private long sequence;
  private Totals totals;
  private Map<String, MeasuredSession> sessions = new HashMap<>();
  private Map<String, MeasuredResource> resources = new HashMap<>();
  private Map<String, SessionLoad> sessionLoads = new HashMap<>();
  private Map<String, ResourceLoad> resourceLoads = new HashMap<>();
  private final Deque<Growth> dirtyGrowth = new ArrayDeque<>();
  private final Deque<Double> tails = new ArrayDeque<>();
  private double inFlight;
  private volatile @Nullable Sample last;

  /** Everything counted, at the end of a window. */
  private record Totals(
      long nanos,
      long reads,
      long writes,
      long bytesRead,
      long bytesWritten,
      long busyNanos,
      long cpuNanos,
      long gcMillis,
      StoreActivity store) {}

  /** Bytes that became dirty in a window. */
  private record Growth(long nanos, long bytes) {}

  public ServerSampler(
      ServerId self,
      MeasuredServer server,
      CommandMeasure commands,
      SamplerOptions options,
      Clock clock) {
    this.self = self;
    this.server = server;
    this.commands = commands;
    this.options = options;
    this.clock = clock;
    this.networkBits =
        options.networkBitsPerSecond() > 0
            ? options.networkBitsPerSecond()
            : Machine.networkBitsPerSecond();
    this.totals = totals(System.nanoTime());
  }

  /** The last sample; null before the first window has ended. */
  public @Nullable Sample last() {
    return last;
  }

  @Override
  public Sample sample() {
    Totals before = totals;
    Totals now = totals(Math.max(System.nanoTime(), before.nanos() + 1));
    totals = now;
    double seconds = (now.nanos() - before.nanos()) / NANOS_PER_SECOND;
    List<MeasuredSession> present = server.sessions();
    int underWay = present.stream().mapToInt(MeasuredSession::underWay).sum();
    long operations = now.reads() - before.reads() + now.writes() - before.writes();
    double depth = depth(now.busyNanos() - before.busyNanos(), operations, underWay, seconds);
    inFlight += SMOOTHING * (depth - inFlight);
    Histogram times = commands.turn();
    double p50 = times.getValueAtPercentile(50) / NANOS_PER_MICRO;
    double p99 = times.getValueAtPercentile(99) / NANOS_PER_MICRO;
    double cpu = share(now.cpuNanos() - before.cpuNanos(), seconds * machine.processors());
    learned = learned.after(depth, operations, p50, p99, machine.cpuInUse() - cpu);
    long flushes = now.store().flushes() - before.store().flushes();
    double read = (now.bytesRead() - before.bytesRead()) / seconds;
    double written = (now.bytesWritten() - before.bytesWritten()) / seconds;
    StoreUsage usage = server.storeUsage();
    Sample sample =
        new Sample(
            self,
            ++sequence,
            clock.instant(),
            Duration.ofNanos(now.nanos() - before.nanos()),
            present.size(),
            inFlight,
            options.knee() > 0 ? options.knee() : learned.knee(),
            (now.reads() - before.reads()) / seconds,
            (now.writes() - before.writes()) / seconds,
            read,
            written,
            operations == 0 ? 0 : p50,
            tail(operations == 0 ? 0 : p99),
            options.unloadedP99Micros() > 0
                ? options.unloadedP99Micros()
                : learned.unloadedP99Micros(),
            cpu,
            networkBits == 0 ? 0 : Math.min(1, 8 * Math.max(read, written) / networkBits),
            dirty(before, now),
            flushes == 0
                ? 0
                : (now.store().flushNanos() - before.store().flushNanos())
                    / NANOS_PER_MILLI
                    / flushes,
            now.store().isStalled() ? 1 : 0,
            Math.min(1, (now.gcMillis() - before.gcMillis()) / 1000.0 / seconds),
            usage.allocated(),
            usage.capacity(),
            resourceLoads(seconds),
            sessionLoads(present, seconds));
    last = sample;
    return sample;
  }

  /** By Little's law; what is stuck and hasn't ended counts by its number. */
  private static double depth(long busyNanos, long operations, int underWay, double seconds) {
    double mean = busyNanos / NANOS_PER_SECOND / seconds;
    return operations == 0 ? Math.max(mean, underWay) : mean;
  }

  /** The median of the last windows' 99th percentiles: one slow moment is not a slow server. */
  private double tail(double p99) {
    tails.addLast(p99);
    if (tails.size() > 5) {
      tails.removeFirst();
    }
    List<Double> sorted = tails.stream().sorted().toList();
    return sorted.get(sorted.size() / 2);
  }

  /** Dirty bytes, but no more than came within the time after which the system writes back. */
  private long dirty(Totals before, Totals now) {
    long grown = Math.max(0, now.store().dirtyBytes() - before.store().dirtyBytes());
    dirtyGrowth.addLast(new Growth(now.nanos(), grown));
    while (now.nanos() - dirtyGrowth.getFirst().nanos() > WRITE_BACK.toNanos()) {
      dirtyGrowth.removeFirst();
    }
    long lately = dirtyGrowth.stream().mapToLong(Growth::bytes).sum();
    return Math.min(now.store().dirtyBytes(), lately);
  }

  private List<ResourceLoad> resourceLoads(double seconds) {
    Map<String, MeasuredResource> seen = new HashMap<>();
    Map<String, ResourceLoad> loads = new HashMap<>();
    for (MeasuredResource now : server.resources()) {
      seen.put(now.resource(), now);
      MeasuredResource before = resources.get(now.resource());
      ResourceLoad earlier = resourceLoads.get(now.resource());
      if (before == null) {
        continue;
      }
      double ops = rate(now.operations() - before.operations(), seconds);
      double bytes = rate(now.bytes() - before.bytes(), seconds);
      ResourceLoad load =
          new ResourceLoad(
              now.resource(),
              smooth(earlier == null ? ops : earlier.operationsPerSecond(), ops),
              smooth(earlier == null ? bytes : earlier.bytesPerSecond(), bytes),
              smooth(earlier == null ? now.underWay() : earlier.queue(), now.underWay()));
      if (load.operationsPerSecond() > 0.01 || load.queue() > 0.01) {
        loads.put(now.resource(), load);
      }
    }
    resources = seen;
    resourceLoads = loads;
    return loads.values().stream()
        .sorted(
            Comparator.comparingDouble(ResourceLoad::operationsPerSecond)
                .reversed()
                .thenComparing(ResourceLoad::resource))
        .limit(MAX_RESOURCES)
        .toList();
  }

  private List<SessionLoad> sessionLoads(List<MeasuredSession> present, double seconds) {
    Map<String, MeasuredSession> seen = new HashMap<>();
    Map<String, SessionLoad> loads = new HashMap<>();
    for (MeasuredSession now : present) {
      seen.put(now.session(), now);
      loads.put(now.session(), load(now, sessions.get(now.session()), seconds));
    }
    sessions = seen;
    sessionLoads = loads;
    return loads.values().stream()
        .sorted(
            Comparator.comparingDouble(SessionLoad::queue)
                .thenComparingDouble(SessionLoad::operationsPerSecond)
                .reversed()
                .thenComparing(SessionLoad::session))
        .limit(MAX_CLIENTS)
        .toList();
  }

  private SessionLoad load(MeasuredSession now, @Nullable MeasuredSession before, double seconds) {
    if (before == null || !before.since().equals(now.since())) {
      return new SessionLoad(
          now.session(), now.client(), now.service(), now.since(), 0, 0, 0, Map.of());
    }
    SessionLoad earlier = sessionLoads.get(now.session());
    long ended = now.operations() - before.operations();
    double ops = rate(ended, seconds);
    double bytes = rate(now.bytes() - before.bytes(), seconds);
    double queue = depth(now.busyNanos() - before.busyNanos(), ended, now.underWay(), seconds);
    return new SessionLoad(
        now.session(),
        now.client(),
        now.service(),
        now.since(),
        smooth(earlier == null ? ops : earlier.operationsPerSecond(), ops),
        smooth(earlier == null ? bytes : earlier.bytesPerSecond(), bytes),
        smooth(earlier == null ? queue : earlier.queue(), queue),
        locality(now, before, earlier == null ? Map.of() : earlier.locality()));
  }

  /** Each owner's share of the window's requests; the earlier ones when there were none. */
  private static Map<ServerId, Double> locality(
      MeasuredSession now, MeasuredSession before, Map<ServerId, Double> earlier) {
    Map<ServerId, Long> grown = new HashMap<>();
    now.operationsByOwner()
        .forEach(
            (owner, count) ->
                grown.put(
                    owner,
                    Math.max(0, count - before.operationsByOwner().getOrDefault(owner, 0L))));
    long all = grown.values().stream().mapToLong(Long::longValue).sum();
    if (all == 0) {
      return earlier;
    }
    Map<ServerId, Double> shares = new HashMap<>();
    grown.forEach(
        (owner, count) -> {
          if (count > 0) {
            shares.put(owner, (double) count / all);
          }
        });
    return shares;
  }

  private Totals totals(long nanos) {
    return new Totals(
        nanos,
        commands.commands(CommandKind.READ),
        commands.commands(CommandKind.WRITE),
        commands.bytesRead(),
        commands.bytesWritten(),
        commands.busyNanos(),
        machine.cpuNanos(),
        machine.gcMillis(),
        server.storeActivity());
  }

  private static double smooth(double earlier, double now) {
    return earlier + SMOOTHING * (now - earlier);
  }

  private static double rate(long count, double seconds) {
    return Math.max(0, count) / seconds;
  }

  private static double share(long nanos, double seconds) {
    return Math.min(1, Math.max(0, nanos / NANOS_PER_SECOND / seconds));
  }
}
