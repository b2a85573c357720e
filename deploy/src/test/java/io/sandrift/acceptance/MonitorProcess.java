package io.sandrift.acceptance;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code sandrift monitor} as a process of its own. Closing it ends it. */
final class MonitorProcess implements AutoCloseable {

  private static final Duration READY_WITHIN = Duration.ofSeconds(90);
  private static final Pattern REPORTS = Pattern.compile("reports\\s+(127\\.0\\.0\\.1:\\d+)");

  private final Process process;
  private final String address;

  private MonitorProcess(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /** Starts one, on any port; ZooKeeper need not run yet. */
  static MonitorProcess start(String zookeeper, String node) throws Exception {
    return start(zookeeper, node, Map.of());
  }

  /**
   * As the other.
   *
   * @param settings more of zookeeper.*, as variables
   */
  static MonitorProcess start(String zookeeper, String node, Map<String, String> settings)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-Dsandrift.log=ERROR"));
    command.addAll(ClassArchive.options());
    command.addAll(List.of("io.sandrift.deploy.Sandrift", "monitor"));
    command.addAll(List.of("--zookeeper", zookeeper, "--listen", "127.0.0.1:0", "--node", node));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().putAll(settings);
    Process process = builder.start();
    CompletableFuture<String> address = new CompletableFuture<>();
    Thread reader = new Thread(() -> read(process, address), "monitor-output");
    reader.setDaemon(true);
    reader.start();
    try {
      return new MonitorProcess(process, address.get(READY_WITHIN.toSeconds(), TimeUnit.SECONDS));
    } catch (Exception e) {
      process.destroyForcibly();
      throw e;
    }
  }

  /** Where instances send their messages. */
  String address() {
    return address;
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the monitor did not stop within 120 s");
    }
    if (process.exitValue() != 0) {
      throw new AssertionError("the monitor ended with " + process.exitValue());
    }
  }

  private static void read(Process process, CompletableFuture<String> address) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        Matcher matcher = REPORTS.matcher(line);
        if (matcher.find()) {
          address.complete(matcher.group(1));
        }
      }
      address.completeExceptionally(new AssertionError("the monitor ended before it was ready"));
    } catch (Exception e) {
      address.completeExceptionally(e);
    }
  }
}
