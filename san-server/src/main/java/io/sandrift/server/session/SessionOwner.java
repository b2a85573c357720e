package io.sandrift.server.session;

/** What a session tells whoever created it, on the session's event loop. */
public interface SessionOwner {

  /** The session is closed and none of its I/O is under way any more. Called once. */
  void ended(Session session);

  /**
   * The initiator reset the target (RFC 7143 clause 11.5.1): a cold reset ends all sessions of that
   * target.
   */
  void targetReset(Session cause, boolean isCold);

  /** Counts what the session does, from its beginning on. */
  default CommandMeter meter() {
    return CommandMeter.NONE;
  }
}
