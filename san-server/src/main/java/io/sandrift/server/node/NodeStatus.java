package io.sandrift.server.node;

import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.Membership;
import io.sandrift.server.admin.ServerStatus;
import io.sandrift.server.store.ExtentStore;
import io.sandrift.server.store.StoreUsage;
import io.sandrift.volume.catalog.CatalogException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What the admin API says of this server. The node's thread registers, Jetty's threads read. */
final class NodeStatus implements ServerStatus {

  private record Registered(Member self, Membership membership) {}

  private final ExtentStore store;
  private final IntSupplier sessions;
  private volatile @Nullable Registered registered;

  /**
   * @param sessions counts those that are logged in here
   */
  NodeStatus(ExtentStore store, IntSupplier sessions) {
    this.store = store;
    this.sessions = sessions;
  }

  /**
   * From now on there is something to say. The API listens before, because members name its port.
   */
  void registered(Member self, Membership membership) {
    registered = new Registered(self, membership);
  }

  @Override
  public Member self() {
    return required().self();
  }

  @Override
  public List<Member> members() {
    return required().membership().members();
  }

  @Override
  public int sessions() {
    return sessions.getAsInt();
  }

  @Override
  public StoreSpace store() {
    try {
      StoreUsage usage = store.usage();
      return new StoreSpace(usage.capacity(), usage.allocated());
    } catch (IOException e) {
      throw new CatalogException("the store's file system doesn't tell its space: " + e, e);
    }
  }

  /** What keeps this server from serving now; empty when it serves. */
  List<String> obstacles() {
    List<String> obstacles = new ArrayList<>();
    if (registered == null) {
      obstacles.add("the server is still starting");
    }
    if (!store.isHealthy()) {
      obstacles.add("the store could not make data durable; check the disk, then restart");
    }
    return obstacles;
  }

  private Registered required() {
    Registered now = registered;
    if (now == null) {
      throw new CatalogException("the server is still starting; repeat in a moment");
    }
    return now;
  }
}
