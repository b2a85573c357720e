package io.sandrift.load.membership;

/** The server can't take or keep its place among the members; the message says what to do. */
public final class MembershipException extends RuntimeException {

  public MembershipException(String message) {
    super(message);
  }

  public MembershipException(String message, Throwable cause) {
    super(message, cause);
  }
}
