package io.sandrift.deploy.client;

import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.cli.Terminal;
import java.io.PrintWriter;

/**
 * Tells how far a transfer has got: on a terminal in one line that changes, elsewhere in a line now
 * and then. Used by one thread.
 */
final class Progress {

  private static final long TERMINAL_STEP_NANOS = 200_000_000L;
  private static final long LOG_STEP_NANOS = 10_000_000_000L;

  private final PrintWriter err;
  private final String verb;
  private final long total;
  private final boolean isTerminal;
  private final long began = System.nanoTime();
  private long lastShown = System.nanoTime();

  /**
   * @param verb what is done, such as "written"
   * @param total in bytes, or -1 when it isn't known
   */
  Progress(PrintWriter err, String verb, long total) {
    this.err = err;
    this.verb = verb;
    this.total = total;
    this.isTerminal = Terminal.console().isPresent();
  }

  /** So many bytes are done. */
  void at(long done) {
    long now = System.nanoTime();
    if (now - lastShown >= (isTerminal ? TERMINAL_STEP_NANOS : LOG_STEP_NANOS)) {
      lastShown = now;
      show(done, now, isTerminal ? "\r" : "", isTerminal ? "\u001b[K" : System.lineSeparator());
    }
  }

  /** All is done. */
  void end(long done) {
    show(
        done,
        System.nanoTime(),
        isTerminal ? "\r" : "",
        (isTerminal ? "\u001b[K" : "") + System.lineSeparator());
  }

  private void show(long done, long now, String before, String after) {
    double seconds = Math.max(1e-3, (now - began) / 1e9);
    long rate = (long) (done / seconds);
    StringBuilder line =
        new StringBuilder(before).append(new ByteSize(done)).append(' ').append(verb);
    if (total > 0) {
      line.append(" of %s (%d %%)".formatted(new ByteSize(total), done * 100 / total));
    }
    line.append(", ").append(new ByteSize(rate)).append("/s");
    if (total > done && rate > 0) {
      line.append(", ").append((total - done) / rate).append(" s left");
    }
    err.print(line.append(after));
    err.flush();
  }
}
