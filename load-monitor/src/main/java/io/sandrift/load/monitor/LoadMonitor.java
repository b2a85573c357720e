package io.sandrift.load.monitor;

import io.sandrift.load.gossip.GossipPace;
import io.sandrift.load.gossip.GossipTraffic;
import io.sandrift.load.gossip.WritingRule;
import io.sandrift.load.gossip.ZooKeeperGossip;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.view.Availability;
import io.sandrift.load.view.Expected;
import io.sandrift.load.view.LoadTrend;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.load.view.SystemLoadTracker;
import io.sandrift.load.view.TrendPoint;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One server's load monitor.
 *
 * <pre>
 *   sampler ──each window──▶ own sample ──▶ tracker ──▶ SystemLoad
 *                               │             ▲ ▲
 *                               ▼             │ └── membership: who is registered
 *                             gossip ◀──▶ others' samples
 * </pre>
 *
 * <p>A server's own sample goes into its own view without ZooKeeper between, so that a server that
 * is cut off still knows itself.
 */
public final class LoadMonitor implements AutoCloseable, Supplier<SystemLoad> {

  /** How long a window is. */
  public static final Duration WINDOW = Duration.ofSeconds(1);

  /** Ten minutes of windows. */
  private static final int TREND_POINTS = 600;

  private static final Logger LOG = LoggerFactory.getLogger(LoadMonitor.class);

  private final ServerId self;
  private final Clock clock;
  private final Sampler sampler;
  private final PressureFormula formula;
  private final Membership membership;
  private final SystemLoadTracker tracker;
  private final LoadTrend trend = new LoadTrend(TREND_POINTS);
  private final WritingRule rule = new WritingRule();
  private final ZooKeeperGossip gossip;
  private final List<Consumer<Sample>> listeners = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "load-monitor");
            worker.setDaemon(true);
            return worker;
          });

  /**
   * @param zookeeper started by the caller, and closed by it after this
   * @param membership who is registered; may be started before or after this
   */
  public LoadMonitor(
      CuratorFramework zookeeper,
      Membership membership,
      ServerId self,
      Sampler sampler,
      PressureFormula formula,
      Availability availability,
      Clock clock) {
    this.self = self;
    this.clock = clock;
    this.sampler = sampler;
    this.formula = formula;
    this.membership = membership;
    this.tracker = new SystemLoadTracker(clock, formula, availability, () -> pace().patience());
    this.gossip = new ZooKeeperGossip(zookeeper, self, this::pace, tracker::heard);
    membership.addListener(
        new Membership.Listener() {
          @Override
          public void present(Member member) {
            tracker.registered(member.id());
          }

          @Override
          public void gone(ServerId id) {
            tracker.gone(id);
          }
        });
  }

  /** Begins to measure and to talk. */
  public void start() {
    gossip.start();
    thread.scheduleAtFixedRate(
        this::window, WINDOW.toMillis(), WINDOW.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The load of the system as it is known here now. */
  @Override
  public SystemLoad get() {
    return tracker.get();
  }

  /** How it varied lately, oldest first, one point for each window. */
  public List<TrendPoint> trend() {
    return trend.points();
  }

  /** A session was sent to a server: its load counts there from now on. */
  public void expect(Expected session) {
    tracker.expect(session);
  }

  /** A session isn't on its way any more. */
  public void expectNoMore(String session) {
    tracker.expectNoMore(session);
  }

  /** What the gossip has cost so far. */
  public GossipTraffic traffic() {
    return gossip.traffic();
  }

  /** Adds one that hears each of this server's own samples, on {@code load-monitor}. */
  public void addListener(Consumer<Sample> listener) {
    listeners.add(listener);
  }

  /** Measures no longer, and takes back what it said. May be called twice. */
  @Override
  public void close() {
    thread.shutdownNow();
    gossip.close();
  }

  private void window() {
    try {
      Sample sample = sampler.sample();
      if (!sample.server().equals(self)) {
        throw new IllegalStateException("a sample of " + sample.server() + " at " + self);
      }
      tracker.members(
          membership.members().stream().map(Member::id).collect(Collectors.toUnmodifiableSet()));
      tracker.heard(sample);
      if (rule.isDue(sample, formula.of(sample), pace(), clock.instant())) {
        gossip.say(sample);
      }
      trend.add(tracker.get());
      listeners.forEach(listener -> listener.accept(sample));
    } catch (RuntimeException e) {
      // One window is lost; an escaping exception would lose all that follow.
      LOG.error("a window of this server's load could not be measured", e);
    }
  }

  private GossipPace pace() {
    return GossipPace.forMonitors(membership.members().size());
  }
}
