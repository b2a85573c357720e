package io.sandrift.server.settings;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * An address to listen at.
 *
 * @param host a name, an IPv4 address, or an IPv6 address without its brackets
 * @param port 0 to 65535; 0 asks for any free port
 */
public record HostPort(String host, int port) {

  public HostPort {
    if (host.isEmpty() || port < 0 || port > 65535) {
      throw new IllegalArgumentException("'" + host + ":" + port + "' is no host:port");
    }
  }

  /**
   * Parses {@code host:port} or {@code [ipv6]:port}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static HostPort parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon > 0) {
      String host = text.substring(0, colon);
      boolean bracketed = host.startsWith("[") && host.endsWith("]");
      if (bracketed) {
        host = host.substring(1, host.length() - 1);
      }
      String port = text.substring(colon + 1);
      boolean plausible =
          host.matches(bracketed ? "[0-9a-fA-F:.]+(%[0-9a-zA-Z]+)?" : "[0-9a-zA-Z._-]+");
      if (plausible && port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 65535) {
        return new HostPort(host, Integer.parseInt(port));
      }
    }
    throw new IllegalArgumentException(
        "expected host:port, such as 127.0.0.1:3260 or [::1]:3260; port 0 is any free one");
  }

  /**
   * The address, its host looked up.
   *
   * @throws UnknownHostException if there is no such host
   */
  public InetSocketAddress resolve() throws UnknownHostException {
    return new InetSocketAddress(InetAddress.getByName(host), port);
  }

  /** The same host with another port. */
  public HostPort withPort(int newPort) {
    return new HostPort(host, newPort);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
