package io.sandrift.deploy;

import io.sandrift.load.membership.OrderlyExpiry;
import io.sandrift.load.service.NodeMonitor;
import io.sandrift.load.service.NodeReport;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
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
          + " publishes the machine's load and its list of servers, by which an intake is handed over"
          + " within the machine first."
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
      "  sandrift server --monitor-address 127.0.0.1:8490"
    })
final class MonitorCommand implements Runnable {

  private static final int SESSION_MILLIS = 10_000;
  private static final int CONNECT_MILLIS = 15_000;
  private static final int MAX_PORT = 65_535;

  @Option(
      names = "--zookeeper",
      paramLabel = "HOST:PORT,...",
      required = true,
      defaultValue = "${env:SANDRIFT_ZOOKEEPER_CONNECT}",
      description = "ZooKeeper ensemble of the cluster (environment: SANDRIFT_ZOOKEEPER_CONNECT).")
  private String zookeeper = "";

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

  private final CountDownLatch stopped = new CountDownLatch(1);

  @Override
  public void run() {
    String name = name();
    InetSocketAddress address = address();
    PrintWriter out = spec.commandLine().getOut();
    CuratorFramework client =
        CuratorFrameworkFactory.builder()
            .connectString(zookeeper)
            .sessionTimeoutMs(SESSION_MILLIS)
            .connectionTimeoutMs(CONNECT_MILLIS)
            .retryPolicy(new BoundedExponentialBackoffRetry(50, 1000, 10))
            .zookeeperFactory(new OrderlyExpiry())
            .build();
    client.start();
    try (NodeMonitor monitor = new NodeMonitor(name, address, client, Clock.systemUTC())) {
      out.println("Sandrift monitor of node '" + name + "' is ready");
      out.println("  reports    127.0.0.1:" + monitor.port());
      out.println("  ZooKeeper  " + zookeeper);
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
