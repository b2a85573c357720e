package io.sandrift.client;

import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;

/** What a waiting caller is told of a request that failed elsewhere. */
final class Failures {

  private Failures() {}

  /** The failure itself if it is one of I/O, else one that wraps it. */
  static IOException of(ExecutionException failed) {
    Throwable cause = Objects.requireNonNullElse(failed.getCause(), failed);
    if (cause instanceof ScsiException scsi) {
      return scsi;
    }
    return new IOException(Objects.requireNonNullElse(cause.getMessage(), cause.toString()), cause);
  }
}
