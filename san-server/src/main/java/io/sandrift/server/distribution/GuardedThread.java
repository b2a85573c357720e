package io.sandrift.server.distribution;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tasks on distribution's thread that nobody waits for: what one of them throws is told, and ends
 * nothing else. Safe for all threads.
 */
record GuardedThread(ScheduledExecutorService thread) {

  private static final Logger LOG = LoggerFactory.getLogger(GuardedThread.class);

  /** Runs it soon; not at all when the server stops. */
  void execute(Runnable task) {
    try {
      thread.execute(guarded(task));
    } catch (RejectedExecutionException e) {
      LOG.debug("the server stops");
    }
  }

  /** Runs it again and again, so long after the end of the time before. */
  void every(Duration pause, Runnable task) {
    thread.scheduleWithFixedDelay(
        guarded(task), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("client distribution went wrong; it goes on", e);
      }
    };
  }
}
