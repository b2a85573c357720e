package io.sandrift.server.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Collects the routes of all resources. A path's variables stand in braces: {@code
 * /v1/volumes/{name}}. Each route says the role that it needs; the server enforces it before the
 * endpoint is called.
 */
public final class AdminRoutes {

  /** Longest body of most requests. */
  static final int MOST_BODY_BYTES = 64 << 10;

  /** Longest body where a repartition plan of thousands of moves is sent. */
  private static final int MOST_LONG_BODY_BYTES = 16 << 20;

  /** Answers one request, on one of the server's threads, which may wait a bounded time. */
  @FunctionalInterface
  public interface Endpoint {
    /**
     * @throws Problem for every answer that is an error; another exception is answered with 500
     */
    void answer(Exchange exchange) throws Exception;
  }

  /**
   * @param method upper case
   * @param path with its variables in braces
   * @param described whether the OpenAPI document has it; pages for people aren't described
   * @param mostBodyBytes that are read, of whom the role lets in
   */
  record Route(
      String method,
      String path,
      Role role,
      Endpoint endpoint,
      boolean described,
      int mostBodyBytes) {

    Route(String method, String path, Role role, Endpoint endpoint, boolean described) {
      this(method, path, role, endpoint, described, MOST_BODY_BYTES);
    }

    boolean changes() {
      return !method.equals("GET");
    }
  }

  private final List<Route> routes = new ArrayList<>();
  private final Map<String, String> links = new LinkedHashMap<>();

  /** Reads; must change nothing. */
  public AdminRoutes get(String path, Role role, Endpoint endpoint) {
    return add(new Route("GET", path, role, endpoint, true));
  }

  /** Creates something, or begins some work. */
  public AdminRoutes post(String path, Role role, Endpoint endpoint) {
    return add(new Route("POST", path, role, endpoint, true));
  }

  /** As {@link #post}, with a body of up to 16 MiB. */
  AdminRoutes postLong(String path, Role role, Endpoint endpoint) {
    return add(new Route("POST", path, role, endpoint, true, MOST_LONG_BODY_BYTES));
  }

  /** Sets something; asking twice is like asking once. */
  public AdminRoutes put(String path, Role role, Endpoint endpoint) {
    return add(new Route("PUT", path, role, endpoint, true));
  }

  /** Changes a part of something. */
  public AdminRoutes patch(String path, Role role, Endpoint endpoint) {
    return add(new Route("PATCH", path, role, endpoint, true));
  }

  /** Deletes. */
  public AdminRoutes delete(String path, Role role, Endpoint endpoint) {
    return add(new Route("DELETE", path, role, endpoint, true));
  }

  /** A page or file for people's browsers; not in the OpenAPI document. */
  public AdminRoutes page(String path, Role role, Endpoint endpoint) {
    return add(new Route("GET", path, role, endpoint, false));
  }

  /**
   * A stream of server-sent events. It holds no thread, and ends when the token that it was opened
   * with does; when too many are open, there is a problem instead.
   *
   * @param onOpen called when somebody listens
   */
  public AdminRoutes events(String path, Role role, Consumer<EventStream> onOpen) {
    return get(
        path,
        role,
        exchange -> {
          exchange.requireRoomForStream();
          EventStream.open(
              exchange.context(),
              stream -> {
                exchange.opened(stream);
                onOpen.accept(stream);
              });
        });
  }

  /** Names a path in the list that {@code GET /v1} gives. */
  public AdminRoutes link(String name, String path) {
    if (links.putIfAbsent(name, path) != null) {
      throw new IllegalStateException("two links are named '" + name + "'");
    }
    return this;
  }

  List<Route> all() {
    return routes;
  }

  Map<String, String> links() {
    return links;
  }

  private AdminRoutes add(Route route) {
    Objects.requireNonNull(route.endpoint());
    for (Route other : routes) {
      if (other.method().equals(route.method()) && other.path().equals(route.path())) {
        throw new IllegalStateException("two routes are " + route.method() + " " + route.path());
      }
    }
    routes.add(route);
    return this;
  }
}
