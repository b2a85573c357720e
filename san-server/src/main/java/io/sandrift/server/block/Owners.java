package io.sandrift.server.block;

import io.sandrift.load.membership.ServerId;

/** Finds the way to an owner, for one nexus of one volume. */
@FunctionalInterface
public interface Owners {

  /** A new way to {@code server}, which need not be reachable now. Must not block. */
  PartitionOwner find(ServerId server);
}
