package io.sandrift.server.admin;

import io.sandrift.server.distribution.DistributionException;
import io.sandrift.server.distribution.TransferException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for what client distribution does, and turns its refusals into problems. */
final class Settled {

  private Settled() {}

  /**
   * The outcome.
   *
   * @throws Problem 404, 409 or 504
   */
  static <T> T within(CompletableFuture<T> work, Duration limit) {
    try {
      return work.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TransferException refused) {
        int status =
            switch (refused.reason()) {
              case NO_SUCH_SESSION -> 404;
              case CONFLICT -> 409;
              case FAILED -> 504;
            };
        throw new Problem(status, String.valueOf(refused.getMessage()));
      }
      if (e.getCause() instanceof DistributionException failed) {
        throw new Problem(503, String.valueOf(failed.getMessage()));
      }
      throw new Problem(504, "no answer: " + e.getCause());
    } catch (TimeoutException e) {
      throw new Problem(504, "not done within " + limit.toSeconds() + " s; it may still be");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Problem(503, "the server stops");
    }
  }
}
