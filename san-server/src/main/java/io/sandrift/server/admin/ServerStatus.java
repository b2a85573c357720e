package io.sandrift.server.admin;

import io.sandrift.load.membership.Member;
import java.util.List;

/** What this server says of itself. Safe to call from any thread. */
public interface ServerStatus {

  /** This server as the others see it. */
  Member self();

  /** All servers that are registered now, this one among them. */
  List<Member> members();

  /** The sessions that are logged in here, discovery aside. */
  int sessions();

  /** The store's space. */
  StoreSpace store();

  /**
   * @param capacityBytes the most that volumes may take here
   * @param allocatedBytes what they take
   */
  record StoreSpace(long capacityBytes, long allocatedBytes) {}
}
