package io.sandrift.server.scsi.task;

import java.util.concurrent.CompletableFuture;

/**
 * The SCSI device behind one iSCSI target: the disk at LUN 0 and the answers for every other LUN.
 * Safe to call from any thread.
 */
public interface DeviceServer {

  /**
   * Begins a nexus.
   *
   * @param listener told when someone else's action ends this nexus's tasks
   */
  Nexus attach(NexusId id, NexusListener listener);

  /**
   * Resets the logical unit (SAM-5 clause 6.3.3), on all servers: every other nexus's tasks are
   * aborted, volatile reservations (RESERVE) are released, mode parameters return to their
   * defaults, and every nexus, that of {@code cause} included, gets a unit attention. The caller
   * ends the tasks of {@code cause}.
   *
   * @return whether it was done, once none of the aborted tasks' I/O is under way any more; false
   *     when other servers could not be reached for it
   */
  CompletableFuture<Boolean> reset(Nexus cause);
}
