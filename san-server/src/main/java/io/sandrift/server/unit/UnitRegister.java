package io.sandrift.server.unit;

import io.sandrift.volume.catalog.VolumeName;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where the states of logical units are kept for all servers. Nothing here blocks. */
interface UnitRegister {

  /**
   * What is kept for a volume.
   *
   * @param changedAt when it became that, on the clock by which memberships begin ({@link
   *     ClusterMembers})
   */
  record Entry(byte[] content, long changedAt) {}

  /** Reads what is kept, no older than anything whose writing had ended before this call. */
  CompletableFuture<Optional<Entry>> read(VolumeName volume);

  /**
   * Writes the state that follows the one with {@code revision}; nothing is kept at revision 0.
   *
   * @return whether it was written; fails when that isn't known
   */
  CompletableFuture<Boolean> compareAndSet(VolumeName volume, long revision, byte[] content);
}
