package io.sandrift.load.service;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a service instance's messages to the control process of its node, and keeps the node's
 * report that comes back. A control process that isn't there is looked for again with each message:
 * the instance serves all the same.
 *
 * <p>Runs on {@code node-report}, a thread of its own; {@link #report} may be called by any.
 */
public final class ServiceReporter implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceReporter.class);

  private static final Duration INTERVAL = Duration.ofSeconds(1);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(3);

  private final InetSocketAddress monitor;
  private final Supplier<Optional<ServiceMessage>> messages;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread worker = new Thread(task, "node-report");
            worker.setDaemon(true);
            return worker;
          });

  private volatile @Nullable NodeReport report;
  private volatile @Nullable Socket socket;
  private volatile boolean closed;

  /** Confined to {@code node-report}. */
  private @Nullable LineReader answers;

  private boolean isTroubleTold;

  /**
   * @param monitor where the control process takes messages
   * @param messages asked before each; empty while there is nothing to say
   */
  public ServiceReporter(InetSocketAddress monitor, Supplier<Optional<ServiceMessage>> messages) {
    this.monitor = monitor;
    this.messages = messages;
  }

  /** Begins to send. */
  public void start() {
    thread.scheduleWithFixedDelay(this::send, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The node as its control process saw it last; empty while none answers. */
  public Optional<NodeReport> report() {
    return Optional.ofNullable(report);
  }

  /** Sends no longer. May be called twice. */
  @Override
  public void close() {
    closed = true;
    thread.shutdownNow();
    disconnect();
  }

  private void send() {
    try {
      Optional<ServiceMessage> message = messages.get();
      if (message.isPresent() && !closed) {
        exchange(message.get());
      }
    } catch (IOException | ServiceFormatException e) {
      report = null;
      disconnect();
      if (!isTroubleTold && !closed) {
        isTroubleTold = true;
        LOG.warn(
            "No control process answers at {} ({}); it is looked for again, and 'sandrift monitor'"
                + " starts one",
            monitor,
            e.getMessage());
      }
    } catch (RuntimeException e) {
      LOG.error("a service message could not be sent", e);
    }
  }

  private void exchange(ServiceMessage message) throws IOException, ServiceFormatException {
    Socket connected = connection();
    LineReader reader = answers;
    if (reader == null) {
      reader =
          new LineReader(
              new BufferedInputStream(connected.getInputStream()), ServiceJson.MAX_BYTES);
      answers = reader;
    }
    byte[] bytes = ServiceJson.encode(message);
    byte[] line = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, line, 0, bytes.length);
    line[bytes.length] = '\n';
    connected.getOutputStream().write(line);
    report = ServiceJson.report(reader.next());
    if (isTroubleTold) {
      isTroubleTold = false;
      LOG.info("The control process at {} answers", monitor);
    }
  }

  private Socket connection() throws IOException {
    Socket connected = socket;
    if (connected != null) {
      return connected;
    }
    connected = new Socket();
    socket = connected;
    answers = null;
    connected.connect(monitor, (int) ANSWER_LIMIT.toMillis());
    connected.setSoTimeout((int) ANSWER_LIMIT.toMillis());
    connected.setTcpNoDelay(true);
    return connected;
  }

  private void disconnect() {
    Socket connected = socket;
    socket = null;
    if (connected != null) {
      try {
        connected.close();
      } catch (IOException e) {
        LOG.debug("{} did not close well", connected, e);
      }
    }
  }
}
