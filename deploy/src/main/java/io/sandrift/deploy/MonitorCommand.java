package io.sandrift.deploy;

import io.sandrift.load.ensemble.Ensemble;
import io.sandrift.load.service.NodeMonitor;
import io.sandrift.load.service.NodeReport;
import io.sandrift.server.node.StartupException;
import io.sandrift.server.node.ZooKeeperAccess;
import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.server.settings.SettingsException;
import io.sandrift.server.settings.SettingsReader;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sandrift monitor}: the control process of a node, in the foreground. */
@Command(
    name = "monitor",
    description = {
      "Run the control process of this machine, until Ctrl-C or SIGTERM.",
      "",
      "The servers of this machine report to it (their setting monitor.address); it rates them, and"
          + " publishes the machine's load and its list of servers, by which an intake is handed"
          + " over within the machine first."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:stopped in order, also by SIGTERM",
      "1:it can't start; the message says why",
      ExitCode.USAGE_LINE
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  sandrift monitor --zookeeper zk1:2181,zk2:2181,zk3:2181",
      "  sandrift monitor --config /etc/sandrift/sandrift.yaml",
      "  sandrift server --monitor-address 127.0.0.1:8490"
    })
final class MonitorCommand implements Runnable {

  private static final Duration SESSION = Duration.ofSeconds(10);
  private static final int MAX_PORT = 65_535;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "The servers' settings, of which zookeeper.* is read.")
  private @Nullable Path config;

  @Option(
      names = "--zookeeper",
      paramLabel = "HOST:PORT,...",
      description =
          "ZooKeeper ensemble of the cluster, instead of zookeeper.connect (environment:"
              + " SANDRIFT_ZOOKEEPER_CONNECT, and so on for each zookeeper.* setting).")
  private @Nullable String zookeeper;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8490",
      description = "Where servers report, on the loopback interface (default ${DEFAULT-VALUE}).")
  private String listen = "";

  @Option(
      names = "--node",
      paramLabel = "NAME",
      defaultValue = "",
      description = "Name of this machine in the cluster (default: its host name).")
  private String node = "";

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Map<String, String> environment;
  private final CountDownLatch stopped = new CountDownLatch(1);

  MonitorCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    String name = name();
    InetSocketAddress address = address();
    PrintWriter out = spec.commandLine().getOut();
    Ensemble ensemble = ensemble();
    CuratorFramework client = ensemble.client(SESSION);
    client.start();
    try (NodeMonitor monitor = new NodeMonitor(name, address, client, Clock.systemUTC())) {
      out.println("Sandrift monitor of node '" + name + "' is ready");
      out.println("  reports    127.0.0.1:" + monitor.port());
      out.println("  ZooKeeper  " + ensemble.connectString());
      out.flush();
      awaitStop();
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    } finally {
      // Its session's end takes the node's report away.
      client.close();
      stopped.countDown();
    }
  }

  private Ensemble ensemble() {
    SettingsReader reader = new SettingsReader();
    if (config != null) {
      reader.file(config);
    }
    reader.environment(environment);
    if (zookeeper != null) {
      reader.flag(ServerSettings.ZOOKEEPER_CONNECT, "--zookeeper", zookeeper);
    }
    try {
      NodeSettings settings = reader.conclude();
      if (settings.get(ServerSettings.ZOOKEEPER_CONNECT).isEmpty()) {
        throw new ParameterException(
            spec.commandLine(),
            "which ZooKeeper? Give its address with --zookeeper, or a --config");
      }
      return ZooKeeperAccess.ofSettings(settings);
    } catch (SettingsException e) {
      throw new CommandFailure(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    } catch (StartupException e) {
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    }
  }

  /** Waits for the end of the process, and has it wait for us. */
  private void awaitStop() {
    Thread waiting = Thread.currentThread();
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  waiting.interrupt();
                  try {
                    if (stopped.await(5, TimeUnit.SECONDS)) {
                      Runtime.getRuntime().halt(ExitCode.OK);
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "stop"));
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      // What the shutdown hook does.
    }
  }

  private String name() {
    try {
      String given = node.isEmpty() ? InetAddress.getLocalHost().getHostName() : node;
      return NodeReport.requireName(given.toLowerCase(Locale.ROOT));
    } catch (UnknownHostException e) {
      throw new ParameterException(
          spec.commandLine(), "this machine doesn't know its name; give one with --node", e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--node: " + e.getMessage(), e);
    }
  }

  private InetSocketAddress address() {
    int colon = listen.lastIndexOf(':');
    try {
      int port = Integer.parseInt(listen.substring(colon + 1));
      if (colon > 0 && port >= 0 && port <= MAX_PORT) {
        return new InetSocketAddress(InetAddress.getByName(listen.substring(0, colon)), port);
      }
    } catch (NumberFormatException | UnknownHostException e) {
      // Told below, like an address without a colon.
    }
    throw new ParameterException(
        spec.commandLine(), "--listen " + listen + " is no HOST:PORT, such as 127.0.0.1:8490");
  }
}
