package io.sandrift.load.service;

import io.sandrift.load.pressure.PressureFormula;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import org.apache.curator.framework.CuratorFramework;

/**
 * The control process of a node: takes its instances' service messages, rates them, and publishes
 * the node's load and list.
 */
public final class NodeMonitor implements AutoCloseable {

  private final Clock clock;
  private final NodeBook book;
  private final ServiceListener listener;
  private final NodePublisher publisher;

  /**
   * Begins to listen and to publish.
   *
   * @param node the machine's name
   * @param address where instances send their messages, on the loopback interface
   * @param zookeeper started by the caller, and closed by it after this
   * @throws IOException if it can't listen, with a message that says what to do
   */
  public NodeMonitor(
      String node, InetSocketAddress address, CuratorFramework zookeeper, Clock clock)
      throws IOException {
    this.clock = clock;
    this.book = new NodeBook(node, PressureFormula.DEFAULT);
    this.listener = new ServiceListener(address, book, clock);
    this.publisher = new NodePublisher(zookeeper, book, clock);
    publisher.start();
  }

  /** The port on which messages are taken. */
  public int port() {
    return listener.port();
  }

  /** The node as it is now. */
  public NodeReport report() {
    return book.report(clock.instant());
  }

  /** Ends both. May be called twice. */
  @Override
  public void close() {
    listener.close();
    publisher.close();
  }
}
