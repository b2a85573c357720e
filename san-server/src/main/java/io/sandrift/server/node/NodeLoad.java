package io.sandrift.server.node;

import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.monitor.LoadMonitor;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.service.NodeDirectory;
import io.sandrift.load.service.NodeReport;
import io.sandrift.load.service.OperationalStatus;
import io.sandrift.load.service.ServiceMessage;
import io.sandrift.load.service.ServiceReporter;
import io.sandrift.load.view.Availability;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.load.view.TrendPoint;
import io.sandrift.server.measure.CommandMeasure;
import io.sandrift.server.measure.LoadGauges;
import io.sandrift.server.measure.MeasuredServer;
import io.sandrift.server.measure.Measurements;
import io.sandrift.server.measure.SamplerOptions;
import io.sandrift.server.measure.ServerSampler;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.store.ExtentStore;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;

/**
 * This server's measuring and its load monitor, wired together.
 *
 * <p>Counting begins with the object, before the portals open; the monitor is made by {@link
 * #open}, when there is a membership to follow, and runs from {@link #start} on. Used by the node's
 * thread; {@link #get} by any.
 */
final class NodeLoad implements AutoCloseable, Supplier<SystemLoad> {

  private static final double MICROS_PER_NANO = 1e-3;
  private static final long BITS_PER_MEGABIT = 1_000_000;

  private final ServerId self;
  private final Clock clock;
  private final Measurements measurements = new Measurements();
  private final ExtentStore store;
  private final MeasuredServer server;
  private final @Nullable ServiceReporter reporter;
  private final ServerSampler sampler;
  private volatile Availability availability = Availability.EVERYTHING;
  private volatile @Nullable LoadMonitor monitor;
  private volatile @Nullable NodeDirectory nodes;

  NodeLoad(
      NodeSettings settings,
      ServerId self,
      ExtentStore store,
      IscsiPresentation presentation,
      Clock clock)
      throws StartupException {
    this.self = self;
    this.clock = clock;
    this.store = store;
    this.server = new MeasuredNode(self, store, presentation);
    this.reporter = reporter(settings);
    CommandMeasure commands = new CommandMeasure(measurements);
    presentation.server().measureBy(commands);
    this.sampler =
        new ServerSampler(
            self,
            server,
            commands,
            new SamplerOptions(
                settings.get(ServerSettings.LOAD_KNEE),
                settings.get(ServerSettings.LOAD_UNLOADED_LATENCY).toNanos() * MICROS_PER_NANO,
                settings.get(ServerSettings.LOAD_NETWORK_SPEED) * BITS_PER_MEGABIT),
            clock);
    if (settings.get(ServerSettings.METRICS_JMX)) {
      measurements.showInJmx();
    }
  }

  private @Nullable ServiceReporter reporter(NodeSettings settings) throws StartupException {
    String text = settings.get(ServerSettings.MONITOR_ADDRESS);
    if (text.isEmpty()) {
      return null;
    }
    int colon = text.lastIndexOf(':');
    String host = text.substring(0, colon);
    try {
      InetSocketAddress address =
          new InetSocketAddress(
              InetAddress.getByName(host), Integer.parseInt(text.substring(colon + 1)));
      if (!address.getAddress().isLoopbackAddress()) {
        throw new StartupException(
            "monitor.address "
                + text
                + " is on another machine; the control process of a node runs on the node itself,"
                + " at 127.0.0.1");
      }
      return new ServiceReporter(address, this::message);
    } catch (UnknownHostException e) {
      throw new StartupException("monitor.address " + text + ": no host '" + host + "'", e);
    } catch (IllegalArgumentException e) {
      throw new StartupException("monitor.address " + text + ": " + e.getMessage(), e);
    }
  }

  /** Makes the monitor; the membership is started after this. */
  void open(CuratorFramework zookeeper, Membership membership) {
    LoadMonitor made =
        new LoadMonitor(
            zookeeper,
            membership,
            self,
            sampler,
            PressureFormula.DEFAULT,
            new Availability() {
              @Override
              public boolean isDraining(ServerId id) {
                return availability.isDraining(id);
              }

              @Override
              public Set<String> services(ServerId id) {
                return availability.services(id);
              }
            },
            clock);
    nodes = new NodeDirectory(zookeeper);
    LoadGauges.tell(measurements, self, sampler, server, made);
    monitor = made;
  }

  /** Begins to measure and to talk. */
  void start() {
    monitor().start();
    nodes().start();
    ServiceReporter toNode = reporter;
    if (toNode != null) {
      toNode.start();
    }
  }

  /** Which servers share a machine; there is a directory since {@link #open}. */
  NodeDirectory nodes() {
    return Objects.requireNonNull(nodes, "the directory is made with the membership");
  }

  /** The nodes that report themselves. */
  List<NodeReport> nodeReports() {
    NodeDirectory made = nodes;
    return made == null ? List.of() : made.nodes();
  }

  private Optional<ServiceMessage> message() {
    Sample last = sampler.last();
    if (last == null) {
      return Optional.empty();
    }
    OperationalStatus status;
    if (!store.isHealthy()) {
      status = OperationalStatus.IMPAIRED;
    } else if (availability.isDraining(self)) {
      status = OperationalStatus.DRAINING;
    } else {
      status = OperationalStatus.SERVING;
    }
    return Optional.of(new ServiceMessage(self, status, availability.services(self), last));
  }

  /** Where draining and types of service are known from now on. */
  void useAvailability(Availability known) {
    availability = known;
  }

  /** The monitor; there is one since {@link #open}. */
  LoadMonitor monitor() {
    return Objects.requireNonNull(monitor, "the load monitor is made with the membership");
  }

  /** Whether a server takes nothing new. */
  boolean isDraining(ServerId id) {
    return availability.isDraining(id);
  }

  /**
   * How long commands take at a server now, relative to how long they take when there is little to
   * do; 1 when that isn't known.
   */
  double slowdown(ServerId server) {
    ServerLoad known = get().find(server);
    Sample sample = known == null ? null : known.sample();
    return sample == null || sample.unloadedP99Micros() <= 0 || sample.latencyP99Micros() <= 0
        ? 1
        : sample.latencyP99Micros() / sample.unloadedP99Micros();
  }

  /** How the system's load varied lately, oldest first. */
  List<TrendPoint> trend() {
    LoadMonitor made = monitor;
    return made == null ? List.of() : made.trend();
  }

  /** Where everything is counted. */
  Measurements measurements() {
    return measurements;
  }

  /** The load of the system as it is known here; nobody's before there is a monitor. */
  @Override
  public SystemLoad get() {
    LoadMonitor made = monitor;
    return made == null ? SystemLoad.EMPTY : made.get();
  }

  @Override
  public void close() {
    LoadMonitor made = monitor;
    if (reporter != null) {
      reporter.close();
    }
    if (nodes != null) {
      nodes.close();
    }
    if (made != null) {
      made.close();
    }
    measurements.close();
  }
}
