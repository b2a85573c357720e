package io.sandrift.server.scsi.task;

/** What a device server tells the transport of a nexus, from any thread. */
public interface NexusListener {

  /**
   * All tasks of this nexus are to end without a response (a reset or a preemption by another
   * nexus; TAS is 0).
   */
  void abortTasks();
}
