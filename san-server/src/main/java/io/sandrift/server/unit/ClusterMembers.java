package io.sandrift.server.unit;

import io.sandrift.load.membership.ServerId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Who is in the cluster, asked of ZooKeeper itself. Nothing here blocks. */
interface ClusterMembers {

  /**
   * The members, each with the number of its membership: when that began, on the clock by which
   * {@link UnitRegister.Entry#changedAt} is told. Who comes back begins a new membership.
   */
  CompletableFuture<Map<ServerId, Long>> list();

  /** The number of one server's membership. */
  CompletableFuture<Optional<Long>> find(ServerId server);
}
