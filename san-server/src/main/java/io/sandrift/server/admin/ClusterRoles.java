package io.sandrift.server.admin;

import io.sandrift.load.membership.ServerId;
import java.util.List;

/** What servers are to the cluster besides being its members. Safe for all threads. */
@FunctionalInterface
public interface ClusterRoles {

  /** The server's roles as far as this one knows, such as {@code master} or {@code intake gold}. */
  List<String> of(ServerId server);
}
