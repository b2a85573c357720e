package io.sandrift.server.node;

import io.sandrift.server.measure.MeasuredResource;
import io.sandrift.server.measure.MeasuredServer;
import io.sandrift.server.measure.MeasuredSession;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionCounters;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreActivity;
import io.sandrift.server.store.StoreUsage;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Shows the sampler this server's sessions, partitions and store. */
final class MeasuredNode implements MeasuredServer {

  private final ExtentStore store;
  private final IscsiPresentation presentation;
  private volatile StoreUsage lastUsage = new StoreUsage(0, 0, 0);

  MeasuredNode(ExtentStore store, IscsiPresentation presentation) {
    this.store = store;
    this.presentation = presentation;
  }

  @Override
  public List<MeasuredSession> sessions() {
    return presentation.target().listSessions().stream()
        .filter(session -> !session.identity().isDiscovery())
        .map(this::session)
        .toList();
  }

  @Override
  public List<MeasuredResource> resources() {
    return List.of();
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
    return new MeasuredSession(
        session.identity().id(),
        session.identity().initiatorName(),
        target == null ? "" : presentation.service(target),
        Instant.ofEpochMilli(session.sinceMillis()),
        counters.ended(),
        counters.bytesRead() + counters.bytesWritten(),
        counters.busyNanos(),
        counters.underWay(),
        Map.of());
  }
}
