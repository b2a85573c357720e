package io.sandrift.deploy;

import io.sandrift.load.ensemble.Ensemble;
import io.sandrift.load.gossip.GossipPace;
import io.sandrift.load.gossip.GossipTraffic;
import io.sandrift.load.gossip.WritingRule;
import io.sandrift.load.gossip.ZooKeeperGossip;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.ResourceLoad;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.apache.curator.framework.CuratorFramework;

/**
 * Measures what gossip costs: many monitors in one process, each with a ZooKeeper session of its
 * own, that tell made-up loads. Started by {@code deploy/bench/gossip-traffic}.
 */
final class GossipBench implements AutoCloseable {

  private static final Duration SESSION = Duration.ofSeconds(30);
  private static final int RESOURCES = 32;
  private static final int CLIENTS = 32;

  private final Clock clock = Clock.systemUTC();
  private final List<Monitor> monitors = new ArrayList<>();
  private final LongAdder heard = new LongAdder();
  private final ScheduledExecutorService windows =
      Executors.newScheduledThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "windows");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param arguments connect string, number of monitors, seconds to measure, and {@code steady} or
   *     {@code restless}: whether the loads change so much that every window is told
   */
  public static void main(String[] arguments) throws Exception {
    String connect = arguments[0];
    int count = Integer.parseInt(arguments[1]);
    int seconds = Integer.parseInt(arguments[2]);
    boolean isRestless = arguments[3].equals("restless");
    try (GossipBench bench = new GossipBench()) {
      bench.start(connect, count, isRestless);
      bench.measure(count, seconds, arguments[3]);
    }
    System.exit(0);
  }

  private void start(String connect, int count, boolean isRestless) throws InterruptedException {
    GossipPace pace = GossipPace.forMonitors(count);
    for (int i = 0; i < count; i++) {
      monitors.add(new Monitor(connect, "m" + i, pace, isRestless));
    }
    for (int i = 0; i < count; i++) {
      // Spread over a window, as servers are that weren't started by one hand.
      windows.scheduleAtFixedRate(
          monitors.get(i)::window, i * 1000L / count, 1000, TimeUnit.MILLISECONDS);
    }
    // Everybody's first sample has to be everywhere.
    long all = (long) count * (count - 1);
    while (heard.sum() < all) {
      pause(Duration.ofMillis(200));
    }
    pause(pace.heartbeat());
  }

  private void measure(int count, int seconds, String kind) throws InterruptedException {
    List<GossipTraffic> before = traffic();
    long began = System.nanoTime();
    pause(Duration.ofSeconds(seconds));
    List<GossipTraffic> after = traffic();
    double elapsed = (System.nanoTime() - began) / 1e9;
    double writes = rate(before, after, GossipTraffic::writes, elapsed);
    double reads = rate(before, after, GossipTraffic::readRequests, elapsed);
    double written = rate(before, after, GossipTraffic::bytesWritten, elapsed);
    double read = rate(before, after, GossipTraffic::bytesRead, elapsed);
    double told = rate(before, after, GossipTraffic::notifications, elapsed);
    double samples = rate(before, after, GossipTraffic::samplesRead, elapsed);
    double failures = rate(before, after, GossipTraffic::failures, elapsed);
    System.out.printf(
        Locale.ROOT,
        "| %d | %s | %.1f | %.1f | %.1f | %.0f | %.0f | %.1f | %.1f | %.2f |%n",
        count,
        kind,
        writes,
        reads,
        told,
        samples,
        written / Math.max(0.001, writes),
        (written + read) / 1e3,
        read / count / 1e3,
        failures);
  }

  private List<GossipTraffic> traffic() {
    return monitors.stream().map(monitor -> monitor.gossip.traffic()).toList();
  }

  private static double rate(
      List<GossipTraffic> before,
      List<GossipTraffic> after,
      ToLongFunction<GossipTraffic> number,
      double seconds) {
    return (after.stream().mapToLong(number).sum() - before.stream().mapToLong(number).sum())
        / seconds;
  }

  private static void pause(Duration time) throws InterruptedException {
    new CountDownLatch(1).await(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    windows.shutdownNow();
    monitors.forEach(Monitor::close);
  }

  /** One simulated server's. */
  private final class Monitor implements AutoCloseable {

    final ZooKeeperGossip gossip;
    private final CuratorFramework zookeeper;
    private final ServerId id;
    private final GossipPace pace;
    private final boolean isRestless;
    private final WritingRule rule = new WritingRule();
    private final Random random;
    private long sequence;

    Monitor(String connect, String name, GossipPace pace, boolean isRestless) {
      this.id = new ServerId(name);
      this.pace = pace;
      this.isRestless = isRestless;
      this.random = new Random(name.hashCode());
      this.zookeeper = Ensemble.at(connect).client(SESSION);
      zookeeper.start();
      this.gossip = new ZooKeeperGossip(zookeeper, id, () -> pace, sample -> heard.increment());
      gossip.start();
    }

    void window() {
      Sample sample = sample();
      if (rule.isDue(sample, PressureFormula.DEFAULT.of(sample), pace, clock.instant())) {
        gossip.say(sample);
      }
    }

    private Sample sample() {
      double depth = isRestless ? 32 * random.nextDouble() : 8;
      Instant now = clock.instant();
      return new Sample(
          id,
          ++sequence,
          now,
          Duration.ofSeconds(1),
          CLIENTS,
          depth,
          32,
          12_345,
          6789,
          50_565_120,
          27_807_744,
          183.2,
          912.4,
          301.7,
          0.41,
          0.22,
          123_456_789,
          12.3,
          0,
          0.004,
          123_456_789_012L,
          987_654_321_098L,
          resources(),
          clients(now));
    }

    private List<ResourceLoad> resources() {
      return IntStream.range(0, RESOURCES)
          .mapToObj(
              i -> new ResourceLoad("0f8fad5b-d9cb-469f-a165-70867728950e/" + i, 321.4, 1e6, 0.3))
          .toList();
    }

    private List<SessionLoad> clients(Instant now) {
      Map<ServerId, Double> locality =
          Map.of(id, 0.5, new ServerId("other-1"), 0.25, new ServerId("other-2"), 0.25);
      return IntStream.range(0, CLIENTS)
          .mapToObj(
              i ->
                  new SessionLoad(
                      "0123456789ab",
                      "iqn.1993-08.org.debian:01:0123456789ab",
                      "gold",
                      now,
                      567.8,
                      2.3e6,
                      0.25,
                      locality))
          .toList();
    }

    @Override
    public void close() {
      gossip.close();
      zookeeper.close();
    }
  }
}
