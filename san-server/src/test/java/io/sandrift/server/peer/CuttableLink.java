package io.sandrift.server.peer;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A port that leads to another, and whose connections can be cut at any moment. */
final class CuttableLink implements Closeable {

  private final ServerSocket listening;
  private final InetSocketAddress to;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile boolean isDown;

  CuttableLink(InetSocketAddress to) throws IOException {
    this.to = to;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listening.getLocalSocketAddress();
  }

  /** How many connections came about. */
  int connections() {
    return connections.get();
  }

  /** Cuts what is connected; new connections are taken. */
  void cut() {
    sockets.forEach(CuttableLink::close);
  }

  /** Cuts what is connected and what comes, until it is up again. */
  void down() {
    isDown = true;
    cut();
  }

  void up() {
    isDown = false;
  }

  @Override
  public void close() throws IOException {
    isDown = true;
    listening.close();
    cut();
  }

  private void accept() {
    try {
      while (!listening.isClosed()) {
        Socket near = listening.accept();
        if (isDown) {
          close(near);
          continue;
        }
        Socket far = new Socket(to.getAddress(), to.getPort());
        sockets.add(near);
        sockets.add(far);
        connections.incrementAndGet();
        thread(() -> pump(near, far));
        thread(() -> pump(far, near));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void pump(Socket from, Socket into) {
    byte[] buffer = new byte[64 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = into.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // Cut.
    } finally {
      close(from);
      close(into);
      sockets.remove(from);
      sockets.remove(into);
    }
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It is closed all the same.
    }
  }

  private static void thread(Runnable work) {
    Thread thread = new Thread(work, "cuttable-link");
    thread.setDaemon(true);
    thread.start();
  }
}
