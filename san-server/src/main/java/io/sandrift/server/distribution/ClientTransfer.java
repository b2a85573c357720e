package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * For programs that run inside a server: looks at client sessions and hands them over to other
 * servers. The client is asked to log out, logs in again, and is led to the destination; its I/O
 * goes on there, without an error. Safe for all threads.
 */
public interface ClientTransfer {

  /** The sessions that this server serves. */
  CompletableFuture<List<SessionInfo>> sessionsHere();

  /** The sessions of all servers that answer. */
  CompletableFuture<List<SessionInfo>> sessions();

  /**
   * Moves a session, wherever in the cluster it is served now.
   *
   * @param session its id
   * @param to where it is to be served
   * @param reason a sentence for people, kept in the log of assignments
   * @return completes when the client has arrived there; failed with {@link TransferException} when
   *     it can't be moved or didn't arrive, with what the client does meanwhile unharmed
   */
  CompletableFuture<Void> transfer(String session, ServerId to, String reason);
}
