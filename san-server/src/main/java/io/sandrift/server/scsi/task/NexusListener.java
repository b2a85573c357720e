package io.sandrift.server.scsi.task;

import java.util.concurrent.CompletableFuture;

/** What a device server tells the transport of a nexus, from any thread. */
public interface NexusListener {

  /**
   * All tasks of this nexus are to end without a response (a reset or a preemption by another
   * nexus; TAS is 0).
   *
   * @return completes when none of their I/O is under way any more
   */
  CompletableFuture<Void> abortTasks();
}
