package io.sandrift.server.node;

import io.sandrift.load.ensemble.Ensemble;
import io.sandrift.load.ensemble.EnsembleException;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.MembershipException;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.access.AccessLists;
import io.sandrift.server.admin.AccessResource;
import io.sandrift.server.admin.AdminResource;
import io.sandrift.server.admin.AdminServer;
import io.sandrift.server.admin.AuditLog;
import io.sandrift.server.admin.AuditResource;
import io.sandrift.server.admin.ClusterResource;
import io.sandrift.server.admin.DashboardResource;
import io.sandrift.server.admin.EventsResource;
import io.sandrift.server.admin.HealthResource;
import io.sandrift.server.admin.LoadResource;
import io.sandrift.server.admin.MetricsResource;
import io.sandrift.server.admin.MoveOperations;
import io.sandrift.server.admin.OperationsResource;
import io.sandrift.server.admin.PeerQuestions;
import io.sandrift.server.admin.PoliciesResource;
import io.sandrift.server.admin.RepartitionResource;
import io.sandrift.server.admin.ServerRemoval;
import io.sandrift.server.admin.ServerResource;
import io.sandrift.server.admin.ServersResource;
import io.sandrift.server.admin.SessionsResource;
import io.sandrift.server.admin.Shares;
import io.sandrift.server.admin.UsersResource;
import io.sandrift.server.admin.VolumeMapResource;
import io.sandrift.server.admin.VolumesResource;
import io.sandrift.server.admin.ZooKeeperUsers;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.DistributionLimits;
import io.sandrift.server.measure.PrometheusPage;
import io.sandrift.server.repartition.Repartitioner;
import io.sandrift.server.settings.HostPort;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreException;
import io.sandrift.server.store.StoreOptions;
import io.sandrift.server.unit.ClusterUnits;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.ZooKeeperVolumeCatalog;
import io.sandrift.volume.partition.PartitionMaps;
import io.sandrift.volume.repartition.PlanRecords;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.curator.framework.CuratorFramework;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running server.
 *
 * <pre>
 * start:  lock the data directory → open the store, and run or reach ZooKeeper (side by side)
 *         → listen for other servers → publish the volumes → listen at the portals → admin API
 *         → register as a member
 * close:  the same backwards
 * </pre>
 *
 * <p>The portals open only once the volumes are published, because an initiator that comes back
 * after a restart takes "target not found" for an answer and gives up. Membership comes last,
 * because other servers may send initiators here as soon as they see it.
 *
 * <p>{@link #start} and {@link #close} exclude each other, so that a stop in the middle of a start
 * waits for its end and then undoes all of it.
 */
public final class Node implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Node.class);

  private static final Duration ZOOKEEPER_LIMIT = Duration.ofSeconds(15);

  /** How long the start waits for the other servers' word on the volumes' reservations. */
  private static final Duration UNITS_LIMIT = Duration.ofSeconds(15);

  private final NodeSettings settings;
  private final String version;
  private final Consumer<Volume> onOnline;
  private final Clock clock = Clock.systemUTC();

  /** What {@link #close} closes, last opened first. Guarded by this. */
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /**
   * @param version this software's version, as other members see it
   * @param onOnline told of each volume that is published; must not block
   */
  public Node(NodeSettings settings, String version, Consumer<Volume> onOnline) {
    this.settings = settings;
    this.version = version;
    this.onOnline = onOnline;
  }

  /**
   * Starts everything; what was started is closed again if something fails.
   *
   * @return what is running now
   * @throws StartupException saying what is wrong and what to do
   */
  public synchronized Running start() throws StartupException {
    try {
      return open();
    } catch (StartupException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Stops everything, in the reverse order. May be called twice. */
  @Override
  public synchronized void close() {
    while (!opened.isEmpty()) {
      AutoCloseable last = opened.pop();
      try {
        last.close();
      } catch (Exception e) {
        log.warn("{} did not close well", last.getClass().getSimpleName(), e);
      }
    }
  }

  private Running open() throws StartupException {
    InetSocketAddress adminAddress = AdminDoor.address(settings);
    DataDirectory directory =
        opened(
            DataDirectory.open(
                Path.of(settings.get(ServerSettings.DATA_DIR)),
                settings.get(ServerSettings.SERVER_ID)));
    // RocksDB's native library and ZooKeeper's log each take a while to load.
    CompletableFuture<ExtentStore> opening =
        CompletableFuture.supplyAsync(() -> openStore(directory.store()));
    Ensemble ensemble;
    CuratorFramework zookeeper;
    try {
      ensemble = ensemble(directory);
      zookeeper = connect(ensemble);
    } finally {
      // Also when ZooKeeper failed, so that close() closes the store too.
      opening.handle((store, failure) -> store == null ? null : opened(store)).join();
    }
    ExtentStore store = result(opening);

    DataIdentity.verify(zookeeper, directory.serverId(), directory.dataId(), settings);
    Membership membership = opened(new Membership(zookeeper));
    membership.watch();
    ZooKeeperVolumeCatalog catalog = opened(new ZooKeeperVolumeCatalog(zookeeper, clock));
    IscsiPresentation presentation = opened(new IscsiPresentation(settings));
    Peers peers =
        opened(
            Peers.open(
                settings, directory.serverId(), zookeeper, membership, presentation.server()));
    ClusterUnits units =
        new ClusterUnits(directory.serverId(), peers.calls(), zookeeper, sessionTimeout(zookeeper));
    presentation.agreeThrough(units);
    ColdResets resets =
        new ColdResets(
            directory.serverId(),
            () -> membership.members().stream().map(Member::id).toList(),
            peers.calls());
    resets.hear(target -> presentation.server().dropSessions(target, "the target was reset"));
    presentation.server().tellOfColdResets(resets::tell);
    NodeLoad load =
        opened(new NodeLoad(settings, directory.serverId(), store, presentation, clock));
    VolumePublisher publisher =
        opened(
            new VolumePublisher(
                new ClusterVolumes(
                    directory.serverId(),
                    store,
                    zookeeper,
                    peers.server(),
                    peers.links(),
                    presentation.server().eventLoops().next(),
                    () -> weights(directory.serverId(), membership, load),
                    settings.get(ServerSettings.PEER_PATIENCE)),
                store,
                catalog,
                presentation,
                onOnline));
    AccessLists access =
        opened(
            new AccessLists(
                zookeeper,
                ClusterSecret.find(settings, zookeeper),
                settings.get(ServerSettings.ACCESS_OPEN)));
    startAccess(access);
    presentation.server().guardBy(new VolumeGuard(access, presentation::volumeOf));
    publisher.start();
    List<String> portals = new ArrayList<>();
    for (HostPort portal : settings.get(ServerSettings.PORTALS)) {
      portals.add(presentation.listen(portal).toString());
    }

    PartitionMaps maps = new PartitionMaps(zookeeper);
    Repartitioner repartitioner =
        opened(
            new Repartitioner(
                directory.serverId(),
                catalog,
                publisher,
                peers.bulk(),
                maps,
                new PlanRecords(zookeeper, clock),
                new UsedStore(store),
                membership::members,
                load,
                load::isDraining,
                load::slowdown,
                clock));
    NodeStatus status = new NodeStatus(store, presentation::allSessions);
    ZooKeeperLink link = opened(new ZooKeeperLink(zookeeper, ensemble.connectString(), clock));
    PeerQuestions questions = opened(new PeerQuestions(peers.calls()));
    Shares shares = new Shares(status, publisher, questions);
    List<AdminResource> resources = new ArrayList<>();
    AccessResource accessResource = new AccessResource(catalog, access, link);
    resources.add(accessResource);
    resources.add(new VolumesResource(catalog, publisher, shares, link, accessResource));
    resources.add(new VolumeMapResource(catalog, maps, shares, link));
    resources.add(new ServerResource(status));
    Distribution distribution =
        opened(
            new Distribution(
                new NodeDistribution(directory.serverId(), membership, load, presentation::map),
                presentation.targets(),
                zookeeper,
                peers.calls(),
                distributionLimits(),
                clock));
    ServerRemoval removal = new ServerRemoval(repartitioner, distribution);
    MoveOperations moves = new MoveOperations(distribution, status, questions, clock);
    AuditLog audit = AdminDoor.audit(directory.audit());
    resources.add(new SessionsResource(distribution, moves));
    resources.add(new OperationsResource(repartitioner, distribution, removal, moves));
    resources.add(new AuditResource(audit, status, questions));
    resources.add(new PoliciesResource(distribution));
    resources.add(new ServersResource(distribution, status, removal));
    resources.add(new RepartitionResource(repartitioner, catalog));
    resources.add(new LoadResource(load, load::trend, load::nodeReports));
    resources.add(opened(new EventsResource(() -> LoadResource.view(load.get(), false))));
    resources.add(new DashboardResource());
    resources.add(new MetricsResource(new PrometheusPage(load.measurements())));
    resources.add(new HealthResource(status::obstacles));
    resources.add(
        new ClusterResource(status, shares, catalog, maps, link, new NodeRoles(distribution)));
    ZooKeeperUsers users = opened(new ZooKeeperUsers(zookeeper));
    users.start();
    resources.add(new UsersResource(users, clock));
    AdminServer admin =
        opened(
            AdminDoor.server(
                settings, adminAddress, audit, directory.serverId().value(), users, resources));
    startAdmin(admin);
    HostPort adminPort = settings.get(ServerSettings.ADMIN_ADDRESS).withPort(admin.port());
    Member self =
        new Member(
            directory.serverId(),
            directory.dataId(),
            portals,
            peers.advertised().toString(),
            adminPort.toString(),
            settings.get(ServerSettings.SERVER_WEIGHT),
            services(),
            version,
            clock.instant());
    load.open(zookeeper, membership);
    register(membership, self);
    membership.addListener(
        new Membership.Listener() {
          @Override
          public void present(Member member) {
            units.membersChanged();
          }

          @Override
          public void gone(ServerId id) {
            units.membersChanged();
          }
        });
    opened(units).start();
    units.awaitKnown(UNITS_LIMIT);
    load.start();
    load.useAvailability(distribution);
    startDistribution(distribution);
    presentation.server().distributeBy(distribution);
    repartitioner.start();
    if (settings.get(ServerSettings.REPARTITION_AUTO_REBALANCE)) {
      repartitioner.rebalanceAlone(
          settings.get(ServerSettings.REPARTITION_AUTO_REBALANCE_INTERVAL));
    }
    status.registered(self, membership);
    return new Running(
        self,
        peers.address(),
        membership::members,
        ensemble.connectString(),
        catalog,
        publisher,
        distribution);
  }

  private DistributionLimits distributionLimits() {
    return new DistributionLimits(
        settings.get(ServerSettings.DISTRIBUTION_MASTER_ANSWER),
        settings.get(ServerSettings.DISTRIBUTION_RESERVATION),
        settings.get(ServerSettings.DISTRIBUTION_LOGOUT),
        settings.get(ServerSettings.DISTRIBUTION_ARRIVAL),
        settings.get(ServerSettings.DISTRIBUTION_LOG_ENTRIES));
  }

  private static void startDistribution(Distribution distribution) throws StartupException {
    try {
      distribution.start();
    } catch (Exception e) {
      throw new StartupException("client distribution can't start: " + e, e);
    }
  }

  private Set<String> services() {
    String services = settings.get(ServerSettings.SERVER_SERVICES);
    return services.isEmpty() ? Set.of() : Set.of(services.split(",", -1));
  }

  /**
   * The servers that new partitions may be placed at: this one, and all that are registered, but
   * none that is being emptied while there are others.
   */
  private Map<ServerId, Double> weights(ServerId self, Membership membership, NodeLoad load) {
    Map<ServerId, Double> weights = new HashMap<>();
    membership.members().forEach(member -> weights.put(member.id(), member.weight()));
    weights.put(self, settings.get(ServerSettings.SERVER_WEIGHT));
    Map<ServerId, Double> staying = new HashMap<>(weights);
    staying.keySet().removeIf(load::isDraining);
    return staying.isEmpty() ? weights : staying;
  }

  private ExtentStore openStore(Path path) {
    try {
      return ExtentStore.open(
          path,
          new StoreOptions(
              settings.get(ServerSettings.STORE_CAPACITY),
              settings.get(ServerSettings.STORE_RESERVE),
              settings.get(ServerSettings.STORE_IO_THREADS)));
    } catch (StoreException e) {
      throw new CompletionException(e);
    }
  }

  private static ExtentStore result(CompletableFuture<ExtentStore> opening)
      throws StartupException {
    try {
      return opening.join();
    } catch (CompletionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new StartupException("the store can't be opened: " + cause.getMessage(), cause);
    }
  }

  private Ensemble ensemble(DataDirectory directory) throws StartupException {
    if (!settings.get(ServerSettings.ZOOKEEPER_CONNECT).isEmpty()) {
      return ZooKeeperAccess.ofSettings(settings);
    }
    int port = settings.get(ServerSettings.ZOOKEEPER_EMBEDDED_PORT);
    EmbeddedZooKeeper inside = opened(EmbeddedZooKeeper.start(directory.zookeeper(), port));
    return ZooKeeperAccess.inside(inside.connectString(), directory.zookeeperPassword());
  }

  private CuratorFramework connect(Ensemble ensemble) throws StartupException {
    CuratorFramework client =
        opened(ensemble.client(settings.get(ServerSettings.ZOOKEEPER_SESSION_TIMEOUT)));
    client.start();
    try {
      if (client.blockUntilConnected((int) ZOOKEEPER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        ensemble.settle(client);
        return client;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (EnsembleException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
    throw new StartupException(
        "no ZooKeeper answers at "
            + ensemble.connectString()
            + " within "
            + ZOOKEEPER_LIMIT.toSeconds()
            + " s; start it, or mend zookeeper.connect"
            + (ensemble.tls() == null
                ? ""
                : ", or zookeeper.tls: its certificate must be for the host that"
                    + " zookeeper.connect names, and come from the authority"));
  }

  /** What ZooKeeper has agreed to, which may be less than what was asked for. */
  private Duration sessionTimeout(CuratorFramework zookeeper) throws StartupException {
    try {
      return Duration.ofMillis(zookeeper.getZookeeperClient().getZooKeeper().getSessionTimeout());
    } catch (Exception e) {
      throw new StartupException("the connection to ZooKeeper is lost already: " + e, e);
    }
  }

  private static void startAccess(AccessLists access) throws StartupException {
    try {
      access.start();
    } catch (CatalogException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void startAdmin(AdminServer admin) throws StartupException {
    try {
      admin.start();
    } catch (IOException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void register(Membership membership, Member self) throws StartupException {
    try {
      membership.register(self);
    } catch (MembershipException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    opened.push(part);
    return part;
  }
}
