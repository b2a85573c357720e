package io.sandrift.acceptance;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs that are not ours: initiators and their test suites. */
final class Tool {

  /** What a program printed (both streams) and how it ended. */
  record Result(int exitCode, String output) {

    /** The result itself, after making sure that the program succeeded. */
    Result expectSuccess() {
      if (exitCode != 0) {
        fail("exit code " + exitCode + ":\n" + output);
      }
      return this;
    }
  }

  private Tool() {}

  /**
   * Skips the test when a program is missing, and says which Debian package has it; fails instead
   * where the environment variable SANDRIFT_REQUIRE_TOOLS is set, as it is in continuous
   * integration.
   */
  static void require(String program, String debianPackage) {
    boolean isThere =
        List.of(System.getenv("PATH").split(":")).stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
    String advice = program + " is not installed: apt-get install " + debianPackage;
    if (System.getenv("SANDRIFT_REQUIRE_TOOLS") != null && !isThere) {
      fail(advice);
    }
    if (!isThere) {
      System.err.println("SKIPPED: " + advice);
    }
    assumeTrue(isThere, advice);
  }

  /** Runs a program to its end, or kills it and fails the test at the deadline. */
  static Result run(Duration deadline, String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile("tool", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        fail(String.join(" ", command) + " did not end within " + deadline + ":\n" + read(output));
      }
      return new Result(process.exitValue(), read(output));
    } finally {
      Files.deleteIfExists(output);
    }
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
  }
}
