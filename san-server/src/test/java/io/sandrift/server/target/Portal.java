package io.sandrift.server.target;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.pdu.Isid;
import io.sandrift.iscsi.pdu.LoginResponse;
import io.sandrift.iscsi.pdu.LoginStage;
import io.sandrift.iscsi.pdu.LoginStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * A portal that isn't what it seems: it redirects, or it passes bytes on and cuts the connection
 * now and then.
 */
final class Portal implements AutoCloseable {

  private interface Service {
    void serve(Socket client) throws IOException;
  }

  private final ServerSocket listener;
  private final Service service;
  private final AtomicInteger connections = new AtomicInteger();
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  private Portal(Service service) throws IOException {
    this.service = service;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  /** Answers each login with a redirection to what {@code address} says then. */
  static Portal redirecting(LoginStatus status, Supplier<String> address) throws IOException {
    return new Portal(client -> redirect(client, status, address.get()));
  }

  /**
   * Passes everything on, and cuts each connection when so many bytes have come from the initiator.
   */
  static Portal cutting(InetSocketAddress to, IntSupplier afterBytes) throws IOException {
    Portal[] self = new Portal[1];
    self[0] = new Portal(client -> self[0].relay(client, to, afterBytes.getAsInt()));
    return self[0];
  }

  String address() {
    return "127.0.0.1:" + listener.getLocalPort();
  }

  /** How many connections have come. */
  int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        open.add(client);
        connections.incrementAndGet();
        daemon(
            () -> {
              try (client) {
                service.serve(client);
              } catch (IOException e) {
                // The end of a connection, however it came.
              }
            });
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private static void redirect(Socket client, LoginStatus status, String address)
      throws IOException {
    byte[] header = client.getInputStream().readNBytes(48);
    if (header.length < 48) {
      return;
    }
    byte[] text = ("TargetAddress=" + address + "\0").getBytes(StandardCharsets.US_ASCII);
    LoginResponse response =
        new LoginResponse(
            false,
            false,
            LoginStage.SECURITY_NEGOTIATION,
            LoginStage.SECURITY_NEGOTIATION,
            new Isid(0),
            0,
            0,
            0,
            1,
            1,
            status,
            Unpooled.wrappedBuffer(text));
    ByteBuf out = Unpooled.buffer();
    new PduEncoder().encode(out, response);
    out.readBytes(client.getOutputStream(), out.readableBytes());
    client.getInputStream().readAllBytes();
  }

  private void relay(Socket client, InetSocketAddress to, int afterBytes) throws IOException {
    try (Socket server = new Socket(to.getAddress(), to.getPort())) {
      open.add(server);
      daemon(() -> copy(server, client, Integer.MAX_VALUE));
      copy(client, server, afterBytes);
    }
  }

  private static void copy(Socket from, Socket to, int limit) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8192];
      int left = limit;
      while (left > 0) {
        int count = in.read(buffer, 0, Math.min(buffer.length, left));
        if (count < 0) {
          return;
        }
        out.write(buffer, 0, count);
        left -= count;
      }
    } catch (IOException e) {
      // One of the two was closed.
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "portal");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
