package io.sandrift.server.admin;

/**
 * A request that ends with an error: the HTTP status and a sentence that says what to do. It is the
 * one thing that handlers throw, and becomes an {@code application/problem+json} (RFC 9457).
 */
final class Problem extends RuntimeException {

  private final int status;

  Problem(int status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  int status() {
    return status;
  }
}
