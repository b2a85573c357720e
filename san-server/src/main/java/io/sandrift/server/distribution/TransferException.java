package io.sandrift.server.distribution;

/** A session wasn't moved; the message says why. */
public final class TransferException extends RuntimeException {

  /** Why. */
  public enum Reason {
    /** No server that answers serves such a session. */
    NO_SUCH_SESSION,
    /** It is there already, on its way, or the destination can't take it. */
    CONFLICT,
    /** It was asked to move, and didn't arrive. */
    FAILED
  }

  private final Reason reason;

  public TransferException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
