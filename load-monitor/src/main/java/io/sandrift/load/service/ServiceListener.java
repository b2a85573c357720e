package io.sandrift.load.service;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the instances of a node send their service messages: one JSON line each, answered with one
 * line, the node's report. Listens on a loopback address only, as instances are on the same
 * machine.
 *
 * <p>Each connection has a thread, of at most {@link NodeBook#MAX_INSTANCES}; one that is silent
 * for longer than an instance may be is closed.
 */
public final class ServiceListener implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ServiceListener.class);

  private static final Duration READ_LIMIT = NodeBook.SILENCE;
  private static final int BACKLOG = 64;

  private final NodeBook book;
  private final Clock clock;
  private final ServerSocket socket;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          NodeBook.MAX_INSTANCES,
          10,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          task -> {
            Thread thread = new Thread(task, "service-messages");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Begins to listen.
   *
   * @param address on the loopback interface; port 0 is any free one
   * @throws IOException if it can't, with a message that says what to do
   */
  public ServiceListener(InetSocketAddress address, NodeBook book, Clock clock) throws IOException {
    this.book = book;
    this.clock = clock;
    InetAddress host = address.getAddress();
    if (host == null || !host.isLoopbackAddress()) {
      throw new IOException(
          "service messages are taken on a loopback address only, and "
              + address.getHostString()
              + " is none; use 127.0.0.1");
    }
    this.socket = new ServerSocket();
    try {
      socket.bind(address, BACKLOG);
    } catch (IOException e) {
      socket.close();
      throw new IOException(
          "service messages can't be taken at "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " ("
              + e.getMessage()
              + "); stop what listens there, or choose another port",
          e);
    }
    Thread accepting = new Thread(this::accept, "service-accept");
    accepting.setDaemon(true);
    accepting.start();
  }

  /** The port that it listens on. */
  public int port() {
    return socket.getLocalPort();
  }

  /** Listens no longer, and closes all connections. May be called twice. */
  @Override
  public void close() {
    closeQuietly(socket);
    connections.forEach(ServiceListener::closeQuietly);
    threads.shutdown();
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket connection = socket.accept();
        connections.add(connection);
        try {
          threads.execute(() -> serve(connection));
        } catch (RejectedExecutionException e) {
          LOG.warn("More than {} connections of instances; one is closed", NodeBook.MAX_INSTANCES);
          end(connection);
        }
      } catch (IOException e) {
        if (!socket.isClosed()) {
          LOG.warn("A connection of an instance could not be taken: {}", e.toString());
        }
      }
    }
  }

  private void serve(Socket connection) {
    try {
      connection.setSoTimeout((int) READ_LIMIT.toMillis());
      connection.setTcpNoDelay(true);
      LineReader lines =
          new LineReader(
              new BufferedInputStream(connection.getInputStream()), ServiceJson.MAX_BYTES);
      OutputStream out = connection.getOutputStream();
      while (true) {
        ServiceMessage message = ServiceJson.message(lines.next());
        if (!book.heard(message, clock.instant())) {
          throw new IOException("the node has " + NodeBook.MAX_INSTANCES + " instances already");
        }
        byte[] report = ServiceJson.encode(book.report(clock.instant()));
        byte[] line = new byte[report.length + 1];
        System.arraycopy(report, 0, line, 0, report.length);
        line[report.length] = '\n';
        out.write(line);
      }
    } catch (EOFException e) {
      LOG.debug("An instance has closed its connection");
    } catch (IOException | ServiceFormatException e) {
      if (!socket.isClosed()) {
        LOG.info("The connection of an instance is closed: {}", e.getMessage());
      }
    } finally {
      end(connection);
    }
  }

  private void end(Socket connection) {
    connections.remove(connection);
    closeQuietly(connection);
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      LOG.debug("{} did not close well", closeable, e);
    }
  }
}
