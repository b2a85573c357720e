package io.sandrift.acceptance;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.curator.test.TestingServer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/**
 * Servers as processes of their own, {@code server-1} and on, around a ZooKeeper inside the test.
 * Each can be killed, paused, and started again on its data and its ports. Closing it ends all.
 */
final class RunningCluster implements AutoCloseable {

  private static final Duration READY_WITHIN = Duration.ofSeconds(90);
  private static final Pattern PORTALS = Pattern.compile("^  portals +([0-9.]+:\\d+)");
  private static final Pattern PEER = Pattern.compile("^  peers +([0-9.]+:\\d+)");
  private static final Pattern ADMIN = Pattern.compile("^  admin API +https?://([0-9.]+:\\d+)");

  /** One server, through all the processes that it has been. */
  static final class Server {

    private final String id;
    private final List<String> command;
    private final List<String> output = new ArrayList<>();
    private Process process;
    private String portal = "127.0.0.1:0";
    private String peer = "127.0.0.1:0";
    private String admin = "127.0.0.1:0";
    private boolean isReady;

    private Server(String id, List<String> command) {
      this.id = id;
      this.command = command;
    }

    String id() {
      return id;
    }

    /** HOST:PORT where initiators log in; the same after a restart. */
    String portal() {
      return portal;
    }

    /** HOST:PORT where the other servers reach it. */
    String peer() {
      return peer;
    }

    /** HOST:PORT of the admin API. */
    String admin() {
      return admin;
    }

    /** {@code iscsi://...} of a volume by way of this server. */
    String url(String volume) {
      return "iscsi://" + portal + "/iqn.2026-11.io.sandrift:" + volume + "/0";
    }

    long pid() {
      return process.pid();
    }

    boolean isAlive() {
      return process.isAlive();
    }

    String output() {
      synchronized (output) {
        return String.join("\n", output);
      }
    }

    /** Ends the process at once, as {@code kill -9} does. */
    void kill() throws InterruptedException {
      process.destroyForcibly();
      if (!process.waitFor(30, TimeUnit.SECONDS)) {
        throw new AssertionError("process " + process.pid() + " survived SIGKILL");
      }
    }

    /** Asks it to stop, SIGTERM; returns its exit code. */
    int stop() throws InterruptedException {
      process.destroy();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(id + " did not stop within 120 s:\n" + output());
      }
      return process.exitValue();
    }

    /** SIGSTOP. */
    void pause() throws Exception {
      signal("STOP");
    }

    /** SIGCONT. */
    void resume() throws Exception {
      signal("CONT");
    }

    private void signal(String name) throws Exception {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
      if (!kill.waitFor(20, TimeUnit.SECONDS) || kill.exitValue() != 0) {
        throw new AssertionError("kill -" + name + " " + pid() + " failed");
      }
    }

    private void launch() throws IOException {
      isReady = false;
      List<String> whole = new ArrayList<>(command);
      whole.addAll(List.of("--portals", portal, "--peer-address", peer, "--admin-address", admin));
      ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
      // What is made may be mounted; tests of access lists say otherwise by a flag.
      builder.environment().put("SANDRIFT_ACCESS_OPEN", "true");
      process = builder.start();
      Process started = process;
      Thread reader = new Thread(() -> read(started), id + "-output");
      reader.setDaemon(true);
      reader.start();
    }

    private void read(Process started) {
      try (BufferedReader in =
          new BufferedReader(
              new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          synchronized (output) {
            output.add(line);
            match(line);
            output.notifyAll();
          }
        }
      } catch (IOException e) {
        synchronized (output) {
          output.add("output ended: " + e.getMessage());
        }
      }
      synchronized (output) {
        output.notifyAll();
      }
    }

    private void match(String line) {
      Matcher matcher = PORTALS.matcher(line);
      if (matcher.find()) {
        portal = matcher.group(1);
      }
      matcher = PEER.matcher(line);
      if (matcher.find()) {
        peer = matcher.group(1);
      }
      matcher = ADMIN.matcher(line);
      if (matcher.find()) {
        admin = matcher.group(1);
      }
      if (line.startsWith("  data ")) {
        isReady = true;
      }
    }

    private void awaitReady() throws InterruptedException {
      long deadline = System.nanoTime() + READY_WITHIN.toNanos();
      synchronized (output) {
        while (!isReady) {
          long left = deadline - System.nanoTime();
          if (left <= 0 || !process.isAlive()) {
            throw new AssertionError(id + " was not ready:\n" + String.join("\n", output));
          }
          TimeUnit.NANOSECONDS.timedWait(output, Math.min(left, 200_000_000L));
        }
      }
    }

    /** Starts it again, after it was killed or stopped, and waits until it is ready. */
    void restart() throws Exception {
      if (process.isAlive()) {
        throw new IllegalStateException(id + " still runs");
      }
      launch();
      awaitReady();
    }
  }

  /** Null where servers are told of another one. */
  private final @Nullable TestingServer zookeeper;

  private final Map<String, Server> servers = new LinkedHashMap<>();
  private final Map<String, CuttableProxy> proxies = new LinkedHashMap<>();

  /** What the other servers reach each one through, where links between servers can be cut. */
  private final Map<String, CuttableProxy> peerProxies = new LinkedHashMap<>();

  private final HttpClient http = HttpClient.newHttpClient();
  private final Path directory;
  private final List<String> jvm;
  private final List<String> settings;

  private RunningCluster(
      @Nullable TestingServer zookeeper, Path directory, List<String> jvm, List<String> settings) {
    this.zookeeper = zookeeper;
    this.directory = directory;
    this.jvm = jvm;
    this.settings = settings;
  }

  /**
   * Starts servers, all at once.
   *
   * @param settings flags of {@code sandrift server} for all of them
   */
  static RunningCluster start(int count, Path directory, String... settings) throws Exception {
    return startWith(List.of(), count, directory, settings);
  }

  /**
   * As {@link #start}.
   *
   * @param jvm more flags of Java itself
   */
  static RunningCluster startWith(List<String> jvm, int count, Path directory, String... settings)
      throws Exception {
    RunningCluster cluster =
        new RunningCluster(new TestingServer(), directory, jvm, List.of(settings));
    return cluster.launch(count);
  }

  private RunningCluster launch(int count) throws Exception {
    try {
      for (int i = 1; i <= count; i++) {
        launch("server-" + i);
      }
      awaitReady();
      return this;
    } catch (Exception | Error e) {
      close();
      throw e;
    }
  }

  /**
   * As {@link #start}, around a ZooKeeper that is somebody else's.
   *
   * @param settings say where that is
   */
  static RunningCluster startElsewhere(int count, Path directory, String... settings)
      throws Exception {
    RunningCluster cluster = new RunningCluster(null, directory, List.of(), List.of(settings));
    return cluster.launch(count);
  }

  /**
   * As {@link #start}, but each server can be cut off from ZooKeeper, {@link #wayToZooKeeper}, and
   * from each other one, {@link #cutLink}.
   */
  static RunningCluster startCuttable(int count, Path directory, String... settings)
      throws Exception {
    RunningCluster cluster =
        new RunningCluster(new TestingServer(), directory, List.of(), List.of(settings));
    try {
      for (int i = 1; i <= count; i++) {
        CuttableProxy peers = new CuttableProxy(0);
        cluster.proxies.put("server-" + i, new CuttableProxy(cluster.zookeeper().getPort()));
        cluster.peerProxies.put("server-" + i, peers);
        cluster.launch("server-" + i, "--peer-advertised-address", "127.0.0.1:" + peers.port());
      }
      cluster.awaitReady();
      for (Server server : cluster.servers()) {
        int port = Integer.parseInt(server.peer().replaceFirst(".*:", ""));
        cluster.peerProxies.get(server.id()).leadTo(port);
      }
      return cluster;
    } catch (Exception | Error e) {
      cluster.close();
      throw e;
    }
  }

  /** One without servers yet: {@link #launch} starts them. */
  static RunningCluster empty(Path directory, String... settings) throws Exception {
    return new RunningCluster(new TestingServer(), directory, List.of(), List.of(settings));
  }

  /** Starts one more server, and doesn't wait for it: {@link #awaitReady} does. */
  void launch(String id, String... more) throws IOException {
    prepare(id, more).launch();
  }

  /** Waits for all that were launched. */
  void awaitReady() throws InterruptedException {
    for (Server server : servers()) {
      server.awaitReady();
    }
  }

  /** What server {@code number}, from 1, reaches ZooKeeper through. */
  CuttableProxy wayToZooKeeper(int number) {
    return proxies.get("server-" + number);
  }

  /** Ends what two servers, numbered from 1, have between them, until {@link #mendLink}. */
  void cutLink(int one, int other) {
    peerProxies.get("server-" + one).cut("server-" + other);
    peerProxies.get("server-" + other).cut("server-" + one);
  }

  void mendLink(int one, int other) {
    peerProxies.get("server-" + one).mend();
    peerProxies.get("server-" + other).mend();
  }

  /** One more server. */
  Server join(String id, String... more) throws Exception {
    Server server = prepare(id, more);
    server.launch();
    server.awaitReady();
    return server;
  }

  private Server prepare(String id, String... more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvm);
    command.addAll(
        List.of(
            "-Xmx384m",
            "-XX:MaxDirectMemorySize=384m",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Djava.net.preferIPv4Stack=true"));
    command.addAll(ClassArchive.options());
    command.addAll(
        List.of(
            "io.sandrift.deploy.Sandrift",
            "server",
            "--server-id",
            id,
            "--data-dir",
            directory.resolve(id).toString()));
    if (zookeeper != null) {
      command.addAll(
          List.of(
              "--zookeeper-connect",
              proxies.containsKey(id)
                  ? "127.0.0.1:" + proxies.get(id).port()
                  : zookeeper.getConnectString()));
    }
    command.addAll(settings);
    command.addAll(List.of(more));
    Server server = new Server(id, command);
    servers.put(id, server);
    return server;
  }

  List<Server> servers() {
    return List.copyOf(servers.values());
  }

  /** Server {@code number}, from 1. */
  Server server(int number) {
    return servers.get("server-" + number);
  }

  /** The ZooKeeper of all; it can be stopped, and restarted on its port and its data. */
  TestingServer zookeeper() {
    return Objects.requireNonNull(zookeeper, "it isn't this cluster's");
  }

  /** Runs {@code sandrift} with these arguments, asking the first server; it must succeed. */
  String sandrift(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--admin", servers().get(0).admin()));
    Tool.Result result = Sandrift.run(all.toArray(new String[0]));
    if (result.exitCode() != 0) {
      throw new AssertionError(String.join(" ", arguments) + ":\n" + result.output());
    }
    return result.output();
  }

  /** Makes a volume of 64 partitions, and returns when it can be mounted at every server. */
  void createVolume(String name, long sizeBytes) throws Exception {
    createVolume(name, sizeBytes, 64);
  }

  /** Makes a volume, and returns when it can be mounted at every server. */
  void createVolume(String name, long sizeBytes, int partitions) throws Exception {
    HttpResponse<String> created =
        http.send(
            HttpRequest.newBuilder(URI.create("http://" + servers().get(0).admin() + "/v1/volumes"))
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"name\":\"%s\",\"sizeBytes\":%d,\"partitions\":%d}"
                            .formatted(name, sizeBytes, partitions)))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    if (created.statusCode() / 100 != 2) {
      throw new AssertionError(created.statusCode() + " " + created.body());
    }
    for (Server server : servers()) {
      Awaitility.await()
          .atMost(READY_WITHIN)
          .ignoreExceptions()
          .until(
              () ->
                  get(server, "/v1/volumes/" + name).replace(" ", "").contains("\"online\":true"));
    }
  }

  /** The body of a GET of a server's admin API. */
  String get(Server server, String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://" + server.admin() + path))
                .timeout(Duration.ofSeconds(60))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Override
  public void close() throws IOException {
    for (Server server : servers()) {
      if (server.process != null) {
        server.process.destroyForcibly();
      }
    }
    for (CuttableProxy proxy : proxies.values()) {
      proxy.close();
    }
    for (CuttableProxy proxy : peerProxies.values()) {
      proxy.close();
    }
    if (zookeeper != null) {
      zookeeper.close();
    }
  }
}
