package io.sandrift.server.node;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.block.PartitionActivity;
import io.sandrift.server.block.RoutedReplica;
import io.sandrift.server.measure.MeasuredResource;
import io.sandrift.server.measure.MeasuredServer;
import io.sandrift.server.measure.MeasuredSession;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionCounters;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreActivity;
import io.sandrift.server.store.StoreUsage;
import io.sandrift.server.target.Target;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Shows the sampler this server's sessions, partitions and store. */
final class MeasuredNode implements MeasuredServer {

  private final ServerId self;
  private final ExtentStore store;
  private final IscsiPresentation presentation;
  private volatile StoreUsage lastUsage = new StoreUsage(0, 0, 0);

  MeasuredNode(ServerId self, ExtentStore store, IscsiPresentation presentation) {
    this.self = self;
    this.store = store;
    this.presentation = presentation;
  }

  @Override
  public List<MeasuredSession> sessions() {
    return presentation.server().listSessions().stream()
        .filter(session -> !session.identity().isDiscovery())
        .map(this::session)
        .toList();
  }

  @Override
  public List<MeasuredResource> resources() {
    List<MeasuredResource> resources = new ArrayList<>();
    for (ClusterVolume volume : presentation.volumes()) {
      for (PartitionActivity partition : volume.owned().activity()) {
        resources.add(
            new MeasuredResource(
                volume.id() + "/" + partition.partition(),
                partition.operations(),
                partition.bytes(),
                partition.underWay()));
      }
    }
    return resources;
  }

  @Override
  public StoreActivity storeActivity() {
    return store.activity();
  }

  @Override
  public StoreUsage storeUsage() {
    try {
      lastUsage = store.usage();
    } catch (IOException e) {
      // The file system didn't answer; what it said before is nearer the truth than nothing.
      return lastUsage;
    }
    return lastUsage;
  }

  private MeasuredSession session(Session session) {
    SessionCounters counters = session.counters();
    String target = session.identity().targetName();
    Target presented = target == null ? null : presentation.targets().find(target);
    return new MeasuredSession(
        session.identity().id(),
        session.identity().initiatorName(),
        presented == null ? "" : presented.service(),
        Instant.ofEpochMilli(session.sinceMillis()),
        counters.ended(),
        counters.bytesRead() + counters.bytesWritten(),
        counters.busyNanos(),
        counters.underWay(),
        target == null ? Map.of() : operationsByOwner(session, target));
  }

  private Map<ServerId, Long> operationsByOwner(Session session, String target) {
    ClusterVolume volume = presentation.volume(target);
    RoutedReplica route =
        volume == null
            ? null
            : volume.route(session.identity().nexusId().initiatorPort()).orElse(null);
    if (route == null) {
      return Map.of();
    }
    Map<ServerId, Long> operations = new HashMap<>(route.remoteOperations());
    operations.merge(self, route.localOperations(), Long::sum);
    return operations;
  }
}
