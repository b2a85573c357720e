package io.sandrift.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code sandrift demo} as a process of its own, on ports that the system chose. Closing it ends
 * it; {@link #kill} ends it as a crash would.
 */
final class RunningServer implements AutoCloseable {

  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Pattern URL_AT_END =
      Pattern.compile("(iscsi://([0-9.]+):(\\d+)/(iqn\\.[^/ ]+)/0)\\s*$");
  private static final Pattern ADMIN = Pattern.compile("http://([0-9.]+:\\d+)");

  private final Process process;
  private final List<String> output = new ArrayList<>();
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private Matcher url;
  private String admin = "";

  private RunningServer(Process process) {
    this.process = process;
  }

  /** Starts a demo of one server, and returns when its volume can be mounted. */
  static RunningServer start(Path dataDirectory, String... moreArguments) throws Exception {
    return startWith(ClassArchive.options(), dataDirectory, moreArguments);
  }

  /**
   * As {@link #start}.
   *
   * @param jvm options of Java itself, among them the class path
   */
  static RunningServer startWith(List<String> jvm, Path dataDirectory, String... moreArguments)
      throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of("demo", "--servers", "1", "--portal", "127.0.0.1:0", "--admin", "127.0.0.1:0"));
    arguments.addAll(List.of(moreArguments));
    return launch(jvm, dataDirectory, arguments);
  }

  /** Starts {@code sandrift server}, on the data of a demo that was there before. */
  static RunningServer startWithSettings(Path dataDirectory, String... flags) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of("server", "--portals", "127.0.0.1:0", "--admin-address", "127.0.0.1:0"));
    arguments.addAll(List.of(flags));
    return launch(ClassArchive.options(), dataDirectory.resolve("server-1"), arguments);
  }

  private static RunningServer launch(List<String> jvm, Path dataDirectory, List<String> arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
    command.addAll(List.of("-Xmx512m", "-XX:MaxDirectMemorySize=512m"));
    command.addAll(jvm);
    command.add("io.sandrift.deploy.Sandrift");
    command.addAll(arguments);
    command.addAll(List.of("--data-dir", dataDirectory.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // What is made may be mounted; tests of access lists say otherwise by a flag.
    builder.environment().put("SANDRIFT_ACCESS_OPEN", "true");
    RunningServer server = new RunningServer(builder.start());
    server.readLines();
    try {
      server.awaitReady();
    } catch (Exception | Error e) {
      server.kill();
      throw e;
    }
    return server;
  }

  private void readLines() {
    Thread reader =
        new Thread(
            () -> {
              try (BufferedReader in =
                  new BufferedReader(
                      new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                  synchronized (output) {
                    output.add(line);
                  }
                  lines.add(line);
                }
              } catch (IOException e) {
                lines.add("output ended: " + e.getMessage());
              }
            },
            "server-output");
    reader.setDaemon(true);
    reader.start();
  }

  private void awaitReady() throws InterruptedException {
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    while (url == null) {
      String line = lines.poll(200, TimeUnit.MILLISECONDS);
      if (line == null && !process.isAlive()) {
        throw new AssertionError("the server ended before it was ready:\n" + output());
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "the server was not ready within " + READY_WITHIN + ":\n" + output());
      }
      if (line != null) {
        Matcher adminMatcher = ADMIN.matcher(line);
        if (admin.isEmpty() && adminMatcher.find()) {
          admin = adminMatcher.group(1);
        }
        Matcher matcher = URL_AT_END.matcher(line);
        if (matcher.find()) {
          url = matcher;
        }
      }
    }
  }

  /** The demo volume's URL. */
  String url() {
    return url.group(1);
  }

  /** The URL of another volume of this server. */
  String url(String volume) {
    return "iscsi://" + portal() + "/iqn.2026-11.io.sandrift:" + volume + "/0";
  }

  String portal() {
    return url.group(2) + ":" + url.group(3);
  }

  int port() {
    return Integer.parseInt(url.group(3));
  }

  String targetName() {
    return url.group(4);
  }

  /** HOST:PORT of the admin API. */
  String admin() {
    return admin;
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** All that the server has printed. */
  String output() {
    synchronized (output) {
      return String.join("\n", output);
    }
  }

  /** Ends the process at once, as {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("process " + process.pid() + " survived SIGKILL");
    }
  }

  /** Asks the process to stop (SIGTERM), and returns its exit code. */
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the server did not stop within 120 s:\n" + output());
    }
    return process.exitValue();
  }

  @Override
  public void close() throws Exception {
    if (process.isAlive()) {
      stop();
    }
  }
}
