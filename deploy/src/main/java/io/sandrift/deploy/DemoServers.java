package io.sandrift.deploy;

import io.sandrift.load.membership.Member;
import io.sandrift.server.node.Running;
import io.sandrift.server.node.ServerProcess;
import io.sandrift.server.node.ZooKeeperAccess;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a demo: the first in this process, with the ZooKeeper inside, and the others as
 * processes of their own, which end when this one does, however it ends.
 *
 * <p>Started by the command's thread, stopped by the JVM's shutdown hook.
 */
final class DemoServers implements ServerProcess.Greeting {

  private static final Duration READY_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(8);
  private static final long POLL_MILLIS = 50;
  private static final int TOLD_LINES = 20;

  /** One of the others. */
  private static final class Other {
    private final String id;
    private final List<String> command;
    private final Path log;
    private Process process;

    Other(String id, List<String> command, Path log) throws IOException {
      this.id = id;
      this.command = command;
      this.log = log;
      this.process = launch();
    }

    private Process launch() throws IOException {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.to(log.toFile()))
          .start();
    }

    /** Again, when the server of an earlier demo that was killed had not let go of its data yet. */
    void launchAgain() throws IOException {
      process = launch();
    }
  }

  private final String version;
  private final Path dataDir;
  private final int count;
  private final List<Other> others = new ArrayList<>();

  /** Guarded by this. */
  private @Nullable SkewedLoad clients;

  DemoServers(String version, Path dataDir, int count) {
    this.version = version;
    this.dataDir = dataDir;
    this.count = count;
  }

  /** Where server {@code number}, from 1, keeps its data. */
  static Path dataOf(Path dataDir, int number) {
    return dataDir.resolve(idOf(number));
  }

  static String idOf(int number) {
    return "server-" + number;
  }

  /**
   * Starts the others, and waits until all are members.
   *
   * @param portal of the first server; the others have the ports that follow
   * @param admin likewise
   */
  void startOthers(Running first, String portal, String admin) {
    try {
      synchronized (this) {
        for (int number = 2; number <= count; number++) {
          Files.createDirectories(dataOf(dataDir, number));
          others.add(
              new Other(
                  idOf(number),
                  command(
                      number,
                      first.zookeeper(),
                      after(portal, number - 1),
                      after(admin, number - 1)),
                  dataDir.resolve(idOf(number) + ".log")));
        }
      }
      awaitMembers(first);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILURE, "the other servers can't be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILURE, "interrupted while the servers started", e);
    }
  }

  private void awaitMembers(Running first) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + READY_LIMIT.toNanos();
    while (first.members().get().size() < count) {
      for (Other other : List.copyOf(others)) {
        if (!other.process.isAlive()) {
          if (isHeldByAnEarlierOne(other)) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            other.launchAgain();
          } else {
            throw new CommandFailure(
                ExitCode.FAILURE,
                "server '"
                    + other.id
                    + "' didn't start; "
                    + other.log
                    + " ends:\n"
                    + end(other.log));
          }
        }
      }
      if (System.nanoTime() > deadline) {
        throw new CommandFailure(
            ExitCode.FAILURE,
            "only "
                + first.members().get().size()
                + " of "
                + count
                + " servers were ready within "
                + READY_LIMIT.toSeconds()
                + " s; see "
                + dataDir
                + "/server-*.log");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /** Brings clients to the first server alone, and then lets the adaptive policy have them. */
  void skew(Running first, String target) {
    String admin = first.self().admin();
    try {
      setPolicy(
          admin,
          "{\"policy\":\"intake\",\"parameters\":{\"choice\":\"identifier\",\"threshold\":\"10\"}}");
      SkewedLoad load =
          SkewedLoad.open("iscsi://" + first.self().portals().get(0) + "/" + target + "/0");
      synchronized (this) {
        clients = load;
      }
      load.start();
      setPolicy(admin, "{\"policy\":\"adaptive\"}");
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.FAILURE, "the demo's clients can't be started: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILURE, "interrupted while the clients started", e);
    }
  }

  private static void setPolicy(String admin, String json)
      throws IOException, InterruptedException {
    HttpResponse<String> answer =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(URI.create("http://" + admin + "/v1/policies/default"))
                    .timeout(Duration.ofSeconds(20))
                    .header("Content-Type", "application/json")
                    .PUT(HttpRequest.BodyPublishers.ofString(json))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("the policy wasn't set: " + answer.body());
    }
  }

  private static boolean isHeldByAnEarlierOne(Other other) throws IOException {
    return Files.readString(other.log).contains("is in use by another server");
  }

  private static String end(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
  }

  private List<String> command(int number, String zookeeper, String portal, String admin) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-agentlib") && !argument.startsWith("-javaagent"))
        .forEach(command::add);
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "io.sandrift.deploy.Sandrift",
            "server",
            "--until-eof",
            "--server-id",
            idOf(number),
            "--data-dir",
            dataOf(dataDir, number).toString(),
            "--zookeeper-connect",
            zookeeper,
            "--access-open",
            "--portals",
            portal,
            "--admin-address",
            admin));
    command.addAll(ZooKeeperAccess.flagsForInside(dataOf(dataDir, 1)));
    return command;
  }

  /** The address {@code steps} ports further on; port 0 stays any free one. */
  static String after(String address, int steps) {
    int colon = address.lastIndexOf(':');
    int port = Integer.parseInt(address.substring(colon + 1));
    return address.substring(0, colon + 1) + (port == 0 ? 0 : port + steps);
  }

  @Override
  public List<String> banner(Running running) {
    List<String> lines = new ArrayList<>();
    List<Member> members = running.members().get();
    lines.add(
        "Sandrift "
            + version
            + ": "
            + members.size()
            + (members.size() == 1 ? " server is ready" : " servers are ready"));
    for (Member member : members) {
      lines.add(
          "  %-10s portal %s, admin API http://%s/v1"
              .formatted(member.id(), String.join(", ", member.portals()), member.admin()));
    }
    lines.add("  ZooKeeper  " + running.zookeeper() + " (inside " + running.self().id() + ")");
    lines.add("  dashboard  http://" + running.self().admin() + "/");
    lines.add("  data       " + dataDir.toAbsolutePath().normalize());
    return lines;
  }

  @Override
  public List<String> urls(Running running, Volume volume) {
    return running.members().get().stream()
        .flatMap(member -> member.portals().stream())
        .map(portal -> "iscsi://" + portal + "/" + volume.name().targetName() + "/0")
        .toList();
  }

  /** The others first: they need the ZooKeeper that is inside this process. */
  @Override
  public synchronized void beforeStop() {
    if (clients != null) {
      clients.close();
    }
    for (Other other : others) {
      try {
        other.process.getOutputStream().close();
      } catch (IOException e) {
        // It has ended already.
      }
      other.process.destroy();
    }
    long deadline = System.nanoTime() + STOP_LIMIT.toNanos();
    for (Other other : others) {
      try {
        if (!other.process.waitFor(
            Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
          other.process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        other.process.destroyForcibly();
      }
    }
  }
}
