package io.sandrift.server.node;

import io.sandrift.server.settings.NodeSettings;
import io.sandrift.server.settings.ServerSettings;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.cli.CommandFailure;
import io.sandrift.volume.cli.ExitCode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A server that owns its process: in the foreground until SIGTERM or Ctrl-C, then stopped in order,
 * and by force when that takes too long.
 */
public final class ServerProcess {

  private static final Logger log = LoggerFactory.getLogger(ServerProcess.class);

  private final NodeSettings settings;
  private final PrintWriter out;
  private final Node node;
  private final Greeting greeting;

  /** Those whose line is printed. Guarded by this. */
  private final Set<VolumeId> told = new HashSet<>();

  /** Volumes are told once the portals are open; null before. Guarded by this. */
  private @Nullable Running running;

  /**
   * @param out where the banner and the volumes' lines go
   */
  public ServerProcess(NodeSettings settings, String version, PrintWriter out) {
    this(settings, version, out, new Alone(settings, version));
  }

  /** With other words for what runs. */
  public ServerProcess(NodeSettings settings, String version, PrintWriter out, Greeting greeting) {
    this.settings = settings;
    this.out = out;
    this.node = new Node(settings, version, this::tell);
    this.greeting = greeting;
  }

  /** What people are told of a server that runs, and what goes with it. */
  public interface Greeting {

    /** The lines of the banner. */
    List<String> banner(Running running);

    /** Where a volume can be mounted. */
    List<String> urls(Running running, Volume volume);

    /** The process is about to stop; may block for a while. */
    default void beforeStop() {}
  }

  /** A server by itself. */
  private record Alone(NodeSettings settings, String version) implements Greeting {

    @Override
    public List<String> banner(Running running) {
      boolean isTls = !settings.get(ServerSettings.ADMIN_TLS_CERTIFICATE).isEmpty();
      boolean inside = settings.get(ServerSettings.ZOOKEEPER_CONNECT).isEmpty();
      return List.of(
          "Sandrift " + version + " server '" + running.self().id() + "' is ready",
          "  portals    " + String.join(", ", running.self().portals()),
          "  peers      " + peers(running),
          "  admin API  http" + (isTls ? "s" : "") + "://" + running.self().admin() + "/v1",
          "  ZooKeeper  " + running.zookeeper() + (inside ? " (inside)" : ""),
          "  data       "
              + Path.of(settings.get(ServerSettings.DATA_DIR)).toAbsolutePath().normalize());
    }

    private static String peers(Running running) {
      String listening = running.peers().toString();
      String told = running.self().peer();
      return listening.equals(told) ? told : listening + ", for others " + told;
    }

    @Override
    public List<String> urls(Running running, Volume volume) {
      return running.volumes().served(volume.id()).urls();
    }
  }

  /** What is done between the start and the banner. */
  @FunctionalInterface
  public interface Preparation {
    void prepare(Running running);
  }

  /**
   * Starts the server and waits for the end of the process.
   *
   * @throws CommandFailure if it can't start
   */
  public void run(Preparation preparation) {
    Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "stop"));
    Running started;
    try {
      started = node.start();
    } catch (StartupException e) {
      log.debug("Not started", e);
      throw new CommandFailure(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    }
    preparation.prepare(started);
    banner(started);
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void banner(Running started) {
    greeting.banner(started).forEach(out::println);
    running = started;
    started.catalog().list().forEach(this::tell);
  }

  /** One line for a volume that can be mounted; it ends in the volume's URL. */
  private synchronized void tell(Volume volume) {
    Running now = running;
    if (now == null || !told.add(volume.id())) {
      return;
    }
    for (String url : greeting.urls(now, volume)) {
      out.println(
          "  volume     " + volume.name() + " (" + new ByteSize(volume.sizeBytes()) + ")  " + url);
    }
    out.flush();
  }

  /**
   * Runs as the JVM's shutdown hook. After an orderly stop the process ends with 0, also when a
   * signal caused it.
   */
  private void stop() {
    boolean started;
    synchronized (this) {
      started = running != null;
    }
    greeting.beforeStop();
    Duration limit = settings.get(ServerSettings.SHUTDOWN_TIMEOUT);
    Thread closing = new Thread(node::close, "close");
    closing.setDaemon(true);
    closing.start();
    try {
      closing.join(limit.toMillis());
      if (closing.isAlive()) {
        log.error("Not stopped within shutdown.timeout, {}; ending the process anyway", limit);
        Runtime.getRuntime().halt(ExitCode.FAILURE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (started) {
      log.info("Stopped");
      Runtime.getRuntime().halt(ExitCode.OK);
    }
  }
}
