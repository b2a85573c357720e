package io.sandrift.server.admin;

import java.util.Locale;

/** What somebody may do with the admin API; each may do what the ones before it may. */
public enum Role {
  /** Without saying who it is: whether the server lives, and what the API offers. */
  ANYONE,
  /** Look at everything but secrets. */
  VIEWER,
  /** Run the cluster: move sessions, drain servers, repartition, create and grow volumes. */
  OPERATOR,
  /** Whatever can't be undone or gives power to others: delete volumes, users, access lists. */
  ADMIN;

  /** Whether a caller of this role may do what {@code needed} may. */
  public boolean covers(Role needed) {
    return compareTo(needed) >= 0;
  }

  /** As it is written: {@code viewer}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
