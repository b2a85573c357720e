package io.sandrift.server.login;

import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.TargetAddress;
import java.util.List;

/** The targets that an initiator may see. */
public interface TargetDirectory {

  /**
   * One target.
   *
   * @param addresses of the portals that it is reached through
   */
  record Entry(IscsiName name, List<TargetAddress> addresses) {

    public Entry {
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * All targets that this initiator may see, in the order in which it shall see them. Called on the
   * connection's event loop; must not block.
   */
  List<Entry> targetsFor(IscsiName initiator);
}
