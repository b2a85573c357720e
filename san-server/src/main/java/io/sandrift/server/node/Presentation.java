package io.sandrift.server.node;

import io.sandrift.server.settings.HostPort;
import io.sandrift.volume.catalog.Volume;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * How volumes become something that initiators can mount. {@code present}, {@code grown} and {@code
 * withdraw} are called on the publisher's thread, {@code listen} and {@code close} by the node, the
 * others on any thread.
 */
interface Presentation extends AutoCloseable {

  /**
   * Opens a portal.
   *
   * @return the portal with the port that it really has
   * @throws StartupException if the address is taken or isn't this machine's
   */
  HostPort listen(HostPort portal) throws StartupException;

  /** Lets initiators mount the volume from now on. */
  void present(Volume volume, ClusterVolume opened);

  /** Tells those who have it mounted that the device grew. */
  void grown(Volume volume);

  /** Presents it no longer and ends its sessions; completes when none of their I/O is under way. */
  CompletableFuture<Void> withdraw(Volume volume);

  /** How many sessions have the volume mounted. */
  int sessions(Volume volume);

  /** Where initiators find the volume, {@code iscsi://host:port/target/0} for each portal. */
  List<String> urls(Volume volume);

  /** Closes the portals and ends all sessions. */
  @Override
  void close();
}
