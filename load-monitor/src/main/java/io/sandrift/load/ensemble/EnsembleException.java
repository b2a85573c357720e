package io.sandrift.load.ensemble;

/** ZooKeeper can't be used as it was said; the message tells why and what to do. */
public final class EnsembleException extends Exception {

  public EnsembleException(String message) {
    super(message);
  }

  public EnsembleException(String message, Throwable cause) {
    super(message, cause);
  }
}
