package io.sandrift.server.distribution;

/** What was asked for couldn't be done, mostly because ZooKeeper doesn't answer. */
public final class DistributionException extends RuntimeException {

  public DistributionException(String message, Throwable cause) {
    super(message, cause);
  }
}
