package io.sandrift.server.peer;

/** A call to another server that brought no answer. */
public final class PeerException extends RuntimeException {

  /** Why. */
  public enum Reason {
    /** No connection; the peer has not acted. */
    UNREACHABLE,
    /** The connection was lost or the deadline passed; the peer may have acted. */
    NO_ANSWER,
    /** The peer has understood, and says no; the message says why. */
    REFUSED,
    /** The peer has no handler for the topic: another version, or it is still starting. */
    UNKNOWN_TOPIC
  }

  private final Reason reason;

  public PeerException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
