package io.sandrift.load.service;

/** A line that should be a service message or a node's report is none. */
final class ServiceFormatException extends Exception {

  ServiceFormatException(String message) {
    super(message);
  }

  ServiceFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
