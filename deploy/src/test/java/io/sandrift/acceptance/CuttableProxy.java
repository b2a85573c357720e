package io.sandrift.acceptance;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A way to a port of this machine that can be cut, for all who use it or for one of them: then
 * nothing comes through in either direction.
 */
final class CuttableProxy implements AutoCloseable {

  private volatile int target;
  private final InetAddress from;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** What each connection began with, as far as anything has come, by its client's socket. */
  private final Map<Socket, String> greetings = new ConcurrentHashMap<>();

  private volatile boolean isCut;
  private volatile @Nullable String unwanted;

  CuttableProxy(int target) throws IOException {
    this(target, InetAddress.getLoopbackAddress());
  }

  /**
   * @param from the loopback address that its own connections come from
   */
  CuttableProxy(int target, InetAddress from) throws IOException {
    this.target = target;
    this.from = from;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    run("proxy-accept", this::accept);
  }

  /** Leads to another port from now on; the first may be 0, which is nowhere. */
  void leadTo(int port) {
    target = port;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Ends all connections, and every one that is tried from now on. */
  void cut() {
    isCut = true;
    sockets.forEach(CuttableProxy::end);
  }

  /**
   * The same for those connections alone whose first bytes have this text in them, as servers name
   * themselves to each other.
   */
  void cut(String caller) {
    unwanted = caller;
    greetings.forEach(
        (client, greeting) -> {
          if (greeting.contains(caller)) {
            end(client);
          }
        });
  }

  /** Lets connections through again. */
  void mend() {
    isCut = false;
    unwanted = null;
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        lead(listener.accept());
      } catch (IOException e) {
        // This is closed.
      }
    }
  }

  private void lead(Socket client) {
    Socket to = new Socket();
    sockets.add(client);
    sockets.add(to);
    try {
      if (!isCut) {
        to.bind(new InetSocketAddress(from, 0));
        to.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target), 5000);
        run("proxy-there", () -> copy(client, to, true));
        run("proxy-back", () -> copy(to, client, false));
        if (!isCut) {
          return;
        }
      }
    } catch (IOException e) {
      // The target is away; whoever connected learns it by the connection's end.
    }
    forget(client, to);
  }

  private void copy(Socket from, Socket to, boolean isFirstToSpeak) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (isFirstToSpeak && !greetings.containsKey(from)) {
          String greeting = new String(buffer, 0, count, StandardCharsets.ISO_8859_1);
          greetings.put(from, greeting);
          String cut = unwanted;
          if (cut != null && greeting.contains(cut)) {
            break;
          }
        }
        out.write(buffer, 0, count);
        out.flush();
      }
    } catch (IOException e) {
      // Either side has ended; so does the other.
    }
    forget(from, to);
    greetings.remove(from);
  }

  private void forget(Socket one, Socket other) {
    end(one);
    end(other);
    sockets.remove(one);
    sockets.remove(other);
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new AssertionError("a socket that can't be closed", e);
    }
  }

  private static void run(String name, Runnable action) {
    Thread thread = new Thread(action, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    sockets.forEach(CuttableProxy::end);
  }
}
