package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.sandrift.volume.catalog.ByteSize;
import java.io.PrintWriter;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Tells how far a plan is, until it is over. Used by one thread. */
final class PlanWatch {

  private static final Set<String> OVER = Set.of("done", "cancelled", "failed");
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final AdminClient client;
  private final PrintWriter err;
  private final boolean isTerminal = Terminal.console().isPresent();
  private String last = "";

  PlanWatch(AdminClient client, PrintWriter err) {
    this.client = client;
    this.err = err;
  }

  /** Returns when the plan is over, or when the user ends the program. */
  void untilOver(long id) {
    while (true) {
      JsonNode plan = client.get(RepartitionCommand.PLANS + "/" + id);
      show(plan);
      if (OVER.contains(plan.path("state").asText())) {
        if (isTerminal) {
          err.println();
          err.flush();
        }
        return;
      }
      LockSupport.parkNanos(STEP_NANOS);
    }
  }

  private void show(JsonNode plan) {
    StringBuilder line =
        new StringBuilder()
            .append(plan.path("state").asText())
            .append(": ")
            .append(plan.path("movesMade").asText())
            .append(" of ")
            .append(plan.path("moves").asText())
            .append(" moves, ")
            .append(new ByteSize(plan.path("bytesMoved").asLong()))
            .append(" of ")
            .append(new ByteSize(plan.path("bytes").asLong()))
            .append(", ")
            .append(new ByteSize(plan.path("currentBytesPerSecond").asLong()))
            .append("/s");
    if (plan.has("secondsLeft")) {
      line.append(", ").append(plan.path("secondsLeft").asText()).append(" s left");
    }
    if (isTerminal) {
      err.print("\r" + line + "\u001b[K");
    } else if (!last.contentEquals(line)) {
      err.println(line);
    }
    err.flush();
    last = line.toString();
  }
}
