package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Tells how far an operation is, until it is over. Used by one thread. */
final class OperationWatch {

  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final AdminClient client;
  private final PrintWriter err;
  private String last = "";

  OperationWatch(AdminClient client, PrintWriter err) {
    this.client = client;
    this.err = err;
  }

  /**
   * Returns when the operation is done, or when the user ends the program.
   *
   * @param path of the operation
   * @return how it ended
   * @throws CommandFailure if it ended otherwise
   */
  JsonNode untilDone(String path) {
    while (true) {
      JsonNode operation = client.get(path);
      tell(operation);
      switch (operation.path("state").asText()) {
        case "running", "paused" -> LockSupport.parkNanos(STEP_NANOS);
        case "done" -> {
          return operation;
        }
        default ->
            throw new CommandFailure(
                ExitCode.FAILURE,
                operation.path("id").asText() + ": " + operation.path("detail").asText());
      }
    }
  }

  private void tell(JsonNode operation) {
    String line = operation.path("state").asText() + ": " + operation.path("detail").asText();
    if (!line.equals(last)) {
      err.println(line);
      err.flush();
      last = line;
    }
  }
}
