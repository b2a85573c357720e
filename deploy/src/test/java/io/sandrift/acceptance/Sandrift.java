package io.sandrift.acceptance;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The {@code sandrift} command as a process of its own. */
final class Sandrift {

  private static final Duration DEADLINE = Duration.ofSeconds(90);

  private Sandrift() {}

  /** Runs a command to its end. */
  static Tool.Result run(String... arguments) throws Exception {
    return Tool.run(DEADLINE, command(arguments).toArray(new String[0]));
  }

  /** Starts a command; what it prints is thrown away. */
  static Process start(String... arguments) throws Exception {
    return new ProcessBuilder(command(arguments))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dsandrift.log=WARN"));
    command.addAll(ClassArchive.options());
    command.add("io.sandrift.deploy.Sandrift");
    command.addAll(List.of(arguments));
    return command;
  }
}
