package io.sandrift.server.admin;

import io.javalin.http.Context;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Optional;

/**
 * Who comes in, and with which role: the one place where requests are let in or refused.
 *
 * <p>Nobody is asked for a password, so on a loopback address it lets in only requests that name a
 * loopback host, and bodies are taken only as {@code application/json}: a web page that the
 * administrator looks at can then neither reach the API by a name of its own (DNS rebinding) nor
 * post to it from afar.
 */
final class Entry {

  private final InetSocketAddress address;

  Entry(InetSocketAddress address) {
    this.address = address;
  }

  /**
   * Called before every request, also for paths that don't exist.
   *
   * @throws Problem if the request isn't looked at
   */
  void admit(Context context) {
    // The HTTP library would let this header turn a GET into a DELETE behind the route's role.
    if (context.header("X-HTTP-Method-Override") != null) {
      throw new Problem(400, "X-HTTP-Method-Override isn't supported; send the method itself");
    }
    if (!address.getAddress().isLoopbackAddress()) {
      return;
    }
    String host = Optional.ofNullable(context.header("Host")).orElse("");
    String name = host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
    if (!name.equals("localhost")
        && !name.equals("[::1]")
        && !name.matches("127\\.[0-9]+\\.[0-9]+\\.[0-9]+")
        && !name.equals(address.getHostString().toLowerCase(Locale.ROOT))) {
      throw new Problem(
          421,
          "this server answers requests to localhost only; ask for http://127.0.0.1:"
              + context.req().getLocalPort());
    }
  }

  /**
   * Who sent this request.
   *
   * @throws Problem 401 or 403 if they may not do what needs this role
   */
  Caller caller(Context context, Role needed) {
    Caller caller = new Caller("local", Role.ADMIN, context.req().getRemoteAddr());
    if (!caller.role().covers(needed)) {
      throw new Problem(403, "this needs the role " + needed);
    }
    return caller;
  }
}
