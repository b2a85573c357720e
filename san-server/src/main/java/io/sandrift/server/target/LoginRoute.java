package io.sandrift.server.target;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.server.trace.Trace;

/** Where a login goes; its trace is for the log. */
public sealed interface LoginRoute {

  Trace trace();

  /**
   * It is served here.
   *
   * @param sessionId what the session is called; an earlier session's, where this login goes on
   *     with that under another ISID
   */
  record Here(String sessionId, Trace trace) implements LoginRoute {}

  /** It is redirected, for this once. */
  record Redirect(TargetAddress address, Trace trace) implements LoginRoute {}

  /**
   * It is carried there by this server.
   *
   * @param ended run once the initiator's connection has ended, on any thread
   */
  record Relay(TargetAddress address, Runnable ended, Trace trace) implements LoginRoute {}

  /** It can't be served now; the initiator may try again. */
  record Unavailable(String reason) implements LoginRoute {

    @Override
    public Trace trace() {
      return Trace.NONE;
    }
  }
}
