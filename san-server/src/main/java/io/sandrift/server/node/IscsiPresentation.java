package io.sandrift.server.node;

import io.sandrift.iscsi.text.ParameterProposal;
import io.sandrift.iscsi.text.TextLimits;
import io.sandrift.server.login.Authentication;
import io.sandrift.server.login.LoginSettings;
import io.sandrift.server.scsi.copy.DiskDirectory;
import io.sandrift.server.scsi.disk.DiskDeviceServer;
import io.sandrift.server.scsi.spc.DiskIdentity;
import io.sandrift.server.session.SessionLimits;
import io.sandrift.server.settings.HostPort;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.target.NexusOpening;
import io.sandrift.server.target.OpenedNexus;
import io.sandrift.server.target.PresentedTargets;
import io.sandrift.server.target.Target;
import io.sandrift.server.target.TargetLimits;
import io.sandrift.server.target.TargetServer;
import io.sandrift.server.unit.ClusterUnits;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.partition.PartitionMap;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Presents volumes as iSCSI targets: one target for each, whose LUN 0 is the volume as a SCSI disk.
 */
final class IscsiPresentation implements Presentation {

  /** For commands that take long, such as EXTENDED COPY: they go on here, step by step. */
  private static final int WORK_THREADS = 4;

  /** A command has one step waiting at most, so this is more than all sessions' commands. */
  private static final int MAX_WAITING_STEPS = 65_536;

  /**
   * How long a volume's presentation waits for what its servers agree on; its commands are BUSY as
   * long as that isn't known.
   */
  private static final Duration UNIT_LIMIT = Duration.ofSeconds(5);

  /** Immediate commands are outside the command window; initiators send them one by one. */
  private static final int IMMEDIATE_COMMANDS = 32;

  private final Authentication authentication;
  private final PresentedTargets targets = new PresentedTargets();
  private final TargetServer server;
  private final Map<VolumeId, DiskDeviceServer> disks = new ConcurrentHashMap<>();
  private final Map<String, ClusterVolume> volumes = new ConcurrentHashMap<>();
  private final Map<String, VolumeId> ids = new ConcurrentHashMap<>();
  private final List<HostPort> portals = new CopyOnWriteArrayList<>();
  private final ThreadPoolExecutor work;
  private @Nullable ClusterUnits units;

  IscsiPresentation(NodeSettings settings) throws StartupException {
    this.authentication = ChapFiles.authentication(settings);
    this.server =
        new TargetServer(
            targets, targetLimits(settings), sessionLimits(settings), loginSettings(settings));
    AtomicInteger count = new AtomicInteger();
    this.work =
        new ThreadPoolExecutor(
            WORK_THREADS,
            WORK_THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_WAITING_STEPS),
            task -> {
              Thread thread = new Thread(task, "scsi-work-" + count.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.CallerRunsPolicy());
    work.allowCoreThreadTimeOut(true);
  }

  /** Says how the servers agree on what they share of a unit; before the first is presented. */
  void agreeThrough(ClusterUnits agreement) {
    units = agreement;
  }

  private ClusterUnits units() {
    return Objects.requireNonNull(units, "called after agreeThrough");
  }

  @Override
  public HostPort listen(HostPort portal) throws StartupException {
    try {
      HostPort open = portal.withPort(server.listen(portal.resolve()).getPort());
      portals.add(open);
      return open;
    } catch (UnknownHostException e) {
      throw new StartupException(
          "portal " + portal + ": there is no host '" + portal.host() + "'", e);
    } catch (IOException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void present(Volume volume, ClusterVolume opened) {
    String target = volume.name().targetName();
    DiskDeviceServer disk =
        new DiskDeviceServer(
            DiskIdentity.of(volume.id().value(), target),
            opened.device(),
            volume.spec().blockBytes(),
            units().open(volume.id(), volume.name()),
            this::findDisk,
            work);
    units().awaitKnown(UNIT_LIMIT);
    disks.put(volume.id(), disk);
    ids.put(target, volume.id());
    volumes.put(target, opened);
    targets.publish(
        new Target(
            target,
            volume.name().value(),
            volume.spec().serviceClass(),
            authentication,
            opening(opened, disk)));
  }

  private static NexusOpening opening(ClusterVolume opened, DiskDeviceServer disk) {
    return (nexus, trace, loop, onFenced) ->
        opened
            .open(nexus.initiatorPort(), trace, loop, onFenced)
            .thenApply(its -> new OpenedNexus(disk.by(its.device(), its.release()), its.release()));
  }

  @Override
  public void grown(Volume volume) {
    Objects.requireNonNull(disks.get(volume.id()), "the volume is presented").capacityChanged();
  }

  /** The target server, whose event loops connections to other servers share. */
  TargetServer server() {
    return server;
  }

  @Override
  public CompletableFuture<Void> withdraw(Volume volume) {
    String target = volume.name().targetName();
    targets.withdraw(target);
    volumes.remove(target);
    disks.remove(volume.id());
    ids.remove(target, volume.id());
    units().close(volume.id());
    return server.dropSessions(target, "the volume was deleted");
  }

  @Override
  public int sessions(Volume volume) {
    String target = volume.name().targetName();
    return (int)
        server.listSessions().stream()
            .filter(session -> target.equals(session.identity().targetName()))
            .count();
  }

  /** The volume that a target's name stands for, if it is presented. */
  Optional<VolumeId> volumeOf(String target) {
    return Optional.ofNullable(ids.get(target));
  }

  /** How many sessions there are, discovery aside. */
  int allSessions() {
    return (int)
        server.listSessions().stream().filter(session -> !session.identity().isDiscovery()).count();
  }

  @Override
  public List<String> urls(Volume volume) {
    return portals.stream()
        .map(portal -> "iscsi://" + reachable(portal) + "/" + volume.name().targetName() + "/0")
        .toList();
  }

  /** What is presented now. */
  PresentedTargets targets() {
    return targets;
  }

  /** Where the partitions of the volume behind a target are; null when it isn't presented. */
  @Nullable PartitionMap map(String target) {
    ClusterVolume volume = volumes.get(target);
    return volume == null ? null : volume.map().current();
  }

  /** The volume behind a target; null when it isn't presented. */
  @Nullable ClusterVolume volume(String target) {
    return volumes.get(target);
  }

  /** All volumes that are presented. */
  Collection<ClusterVolume> volumes() {
    return volumes.values();
  }

  @Override
  public void close() {
    server.close();
    work.shutdown();
  }

  private Optional<DiskDirectory.CopyDisk> findDisk(int designatorType, byte[] designator) {
    for (DiskDeviceServer disk : disks.values()) {
      if (disk.isDesignatedBy(designatorType, designator)) {
        return Optional.of(disk);
      }
    }
    return Optional.empty();
  }

  /** A portal on all interfaces is shown by one address that initiators can use. */
  private static HostPort reachable(HostPort portal) {
    try {
      return InetAddress.getByName(portal.host()).isAnyLocalAddress()
          ? new HostPort(InetAddress.getLocalHost().getHostAddress(), portal.port())
          : portal;
    } catch (UnknownHostException e) {
      return portal;
    }
  }

  private static TargetLimits targetLimits(NodeSettings settings) {
    return new TargetLimits(
        settings.get(ServerSettings.LIMIT_CONNECTIONS),
        settings.get(ServerSettings.LIMIT_SESSIONS),
        settings.get(ServerSettings.LIMIT_LOGINS),
        settings.get(ServerSettings.LIMIT_LOGIN_TIMEOUT),
        settings.get(ServerSettings.LIMIT_BYTES_IN_FLIGHT));
  }

  private static SessionLimits sessionLimits(NodeSettings settings) {
    return new SessionLimits(
        settings.get(ServerSettings.LIMIT_QUEUED_COMMANDS),
        IMMEDIATE_COMMANDS,
        settings.get(ServerSettings.ISCSI_NOP_IN_INTERVAL),
        settings.get(ServerSettings.ISCSI_NOP_IN_TIMEOUT));
  }

  private static LoginSettings loginSettings(NodeSettings settings) {
    List<String> digests =
        settings.get(ServerSettings.ISCSI_DIGESTS).stream()
            .map(name -> name.equals("none") ? ParameterProposal.NONE : ParameterProposal.CRC32C)
            .toList();
    ParameterProposal usual = ParameterProposal.DEFAULT;
    return new LoginSettings(
        new ParameterProposal(
            digests,
            digests,
            settings.get(ServerSettings.LIMIT_PDU_BYTES),
            settings.get(ServerSettings.ISCSI_MAX_BURST),
            settings.get(ServerSettings.ISCSI_FIRST_BURST),
            usual.initialR2T(),
            usual.immediateData(),
            settings.get(ServerSettings.ISCSI_MAX_OUTSTANDING_R2T),
            usual.defaultTime2Wait(),
            usual.defaultTime2Retain()),
        new TextLimits(
            settings.get(ServerSettings.LIMIT_TEXT_BYTES), TextLimits.DEFAULT.maxPairs()),
        LoginSettings.DEFAULT.maxExchanges());
  }
}
