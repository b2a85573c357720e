package io.sandrift.server.store;

/**
 * A store that can't be opened or changed. The message names the file, what is wrong, and what to
 * do.
 */
public final class StoreException extends Exception {

  private static final long serialVersionUID = 1;

  StoreException(String message) {
    super(message);
  }

  StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
