package io.sandrift.server.scsi.task;

import java.util.concurrent.CompletableFuture;

/**
 * One attached nexus. Its methods are called on one thread at a time, the one that owns the
 * session.
 */
public interface Nexus extends AutoCloseable {

  NexusId id();

  /**
   * Checks and begins a command. It is never refused with an exception for what the initiator sent:
   * that is a {@link Execution.Done} with sense data.
   */
  Execution start(Command command);

  /**
   * The initiator is leaving in order, and nothing of it is under way: gives back what a nexus
   * can't keep, so that it is free everywhere when the initiator is told that it has left.
   *
   * @return completes when that is so, or was waited for long enough; never fails
   */
  default CompletableFuture<Void> leave() {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Ends the nexus: RESERVE's reservation goes with it, persistent reservations stay. May be called
   * twice.
   */
  @Override
  void close();
}
