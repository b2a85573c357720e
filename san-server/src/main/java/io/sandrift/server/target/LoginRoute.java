package io.sandrift.server.target;

import io.sandrift.iscsi.text.TargetAddress;

/** Where a login goes. */
public sealed interface LoginRoute {

  /**
   * It is served here.
   *
   * @param sessionId what the session is called; an earlier session's, where this login goes on
   *     with that under another ISID
   */
  record Here(String sessionId) implements LoginRoute {}

  /** It is redirected, for this once. */
  record Redirect(TargetAddress address) implements LoginRoute {}

  /**
   * It is carried there by this server.
   *
   * @param ended run once the initiator's connection has ended, on any thread
   */
  record Relay(TargetAddress address, Runnable ended) implements LoginRoute {}

  /** It can't be served now; the initiator may try again. */
  record Unavailable(String reason) implements LoginRoute {}
}
