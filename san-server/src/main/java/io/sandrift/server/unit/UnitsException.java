package io.sandrift.server.unit;

/** The servers can't agree now; stays within this package. */
final class UnitsException extends RuntimeException {

  UnitsException(String message) {
    super(message);
  }

  UnitsException(String message, Throwable cause) {
    super(message, cause);
  }
}
