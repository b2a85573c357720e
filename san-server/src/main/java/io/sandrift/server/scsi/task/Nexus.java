package io.sandrift.server.scsi.task;

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
   * Ends the nexus: RESERVE's reservation goes with it, persistent reservations stay. May be called
   * twice.
   */
  @Override
  void close();
}
