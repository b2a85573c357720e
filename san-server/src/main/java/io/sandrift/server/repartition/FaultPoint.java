package io.sandrift.server.repartition;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Steps of a move at which a test ends the process, as a power failure would. Does nothing unless
 * the system property {@code sandrift.fault.file} names a file: a process that reaches the step
 * which is written there deletes the file and halts.
 */
final class FaultPoint {

  private static final String FILE = System.getProperty("sandrift.fault.file", "");

  private FaultPoint() {}

  static void reach(String step) {
    if (FILE.isEmpty()) {
      return;
    }
    try {
      Path file = Path.of(FILE);
      if (Files.exists(file) && Files.readString(file).strip().equals(step)) {
        Files.delete(file);
        Runtime.getRuntime().halt(137);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the fault file " + FILE + " can't be used", e);
    }
  }
}
