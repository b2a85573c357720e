package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.javalin.http.MethodNotAllowedResponse;
import io.sandrift.server.admin.ServedVolumes.Served;
import io.sandrift.volume.catalog.ByteSize;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.catalog.VolumeName;
import io.sandrift.volume.catalog.VolumeSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admin API's HTTP server.
 *
 * <p>It asks nobody for a password, so on a loopback address it answers only requests that name a
 * loopback host, and takes bodies only as {@code application/json}: a web page that the
 * administrator looks at can then neither reach it by a name of its own (DNS rebinding) nor post to
 * it from afar.
 *
 * <p>{@link #start} and {@link #close} are called by the node; everything else runs on Jetty's
 * threads.
 */
public final class AdminServer implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

  private static final int MAX_BODY_BYTES = 64 << 10;
  private static final int MAX_CONNECTIONS = 256;
  private static final int THREADS = 10;
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);

  /** How long a request waits for this server to serve, or forget, what it changed. */
  private static final Duration SETTLE_LIMIT = Duration.ofSeconds(10);

  private final InetSocketAddress address;
  private final VolumeCatalog catalog;
  private final ServedVolumes served;
  private final ServerStatus status;
  private final Javalin http;

  /**
   * @param address where to listen; port 0 is any free one
   */
  public AdminServer(
      InetSocketAddress address, VolumeCatalog catalog, ServedVolumes served, ServerStatus status) {
    this.address = Objects.requireNonNull(address);
    this.catalog = Objects.requireNonNull(catalog);
    this.served = Objects.requireNonNull(served);
    this.status = Objects.requireNonNull(status);
    this.http = Javalin.create(this::configure);
  }

  /**
   * Begins to listen.
   *
   * @throws IOException if the address is taken or isn't this machine's
   */
  public void start() throws IOException {
    try {
      http.start();
    } catch (RuntimeException e) {
      http.stop();
      throw new IOException(
          "the admin API can't listen at "
              + address.getHostString()
              + ":"
              + address.getPort()
              + " ("
              + rootCause(e)
              + "); stop what listens there, or choose another admin address",
          e);
    }
  }

  /** The port that it listens on. */
  public int port() {
    return http.port();
  }

  /** Stops listening; requests under way are cut off. May be called twice. */
  @Override
  public void close() {
    http.stop();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.prefer405over404 = true;
    config.http.maxRequestSize = MAX_BODY_BYTES;
    QueuedThreadPool threads = new QueuedThreadPool(THREADS, 3);
    threads.setName("admin");
    threads.setDaemon(true);
    config.jetty.threadPool = threads;
    config.jetty.addConnector(
        (server, httpConfiguration) -> {
          httpConfiguration.setSendServerVersion(false);
          ServerConnector connector = connector(server, httpConfiguration);
          connector.setHost(address.getHostString());
          connector.setPort(address.getPort());
          connector.setIdleTimeout(IDLE_LIMIT.toMillis());
          return connector;
        });
    config.jetty.modifyServer(
        server -> {
          server.addBean(new NetworkConnectionLimit(MAX_CONNECTIONS, server));
          server.setStopTimeout(0);
        });
    config.routes.before(this::requireOurHost);
    config.routes.get("/v1", this::root);
    config.routes.get("/v1/volumes", this::list);
    config.routes.post("/v1/volumes", this::create);
    config.routes.get("/v1/volumes/{name}", this::show);
    config.routes.patch("/v1/volumes/{name}", this::resize);
    config.routes.put("/v1/volumes/{name}/size", this::resize);
    config.routes.delete("/v1/volumes/{name}", this::delete);
    config.routes.get("/v1/server", context -> json(context, 200, Views.server(status)));
    config.routes.get("/v1/openapi.json", AdminServer::description);
    config.routes.get("/health", AdminServer::health);
    config.routes.exception(
        Problem.class, (problem, context) -> fail(context, problem.status(), detail(problem)));
    config.routes.exception(
        CatalogException.class, (problem, context) -> fail(context, 503, detail(problem)));
    config.routes.exception(HttpResponseException.class, AdminServer::refused);
    config.routes.exception(
        Exception.class,
        (problem, context) -> {
          log.error("{} {} failed", context.method(), context.path(), problem);
          fail(context, 500, "the server failed to carry this out; its log says why");
        });
  }

  private static ServerConnector connector(Server server, HttpConfiguration configuration) {
    return new ServerConnector(server, 1, 1, new HttpConnectionFactory(configuration));
  }

  private void requireOurHost(Context context) {
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
          "this server answers requests to localhost only; ask for http://127.0.0.1:" + port());
    }
  }

  private void root(Context context) {
    ObjectNode links = JsonNodeFactory.instance.objectNode();
    links
        .put("volumes", "/v1/volumes")
        .put("server", "/v1/server")
        .put("openapi", "/v1/openapi.json")
        .put("health", "/health");
    json(context, 200, links);
  }

  private void list(Context context) {
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    ArrayNode volumes = list.putArray("volumes");
    catalog.list().forEach(volume -> volumes.add(view(volume)));
    json(context, 200, list);
  }

  private void create(Context context) {
    VolumeSpec spec = VolumeRequest.create(body(context));
    VolumeCatalog.Creation creation = catalog.create(spec);
    Volume volume = creation.volume();
    if (!creation.created() && !volume.spec().equals(spec)) {
      throw new Problem(
          409,
          "volume '"
              + spec.name()
              + "' exists already and differs from what was asked for: "
              + difference(volume.spec(), spec)
              + "; choose another name, or delete it first");
    }
    served.awaitOnline(volume, SETTLE_LIMIT);
    context.header("Location", "/v1/volumes/" + volume.name());
    json(context, creation.created() ? 201 : 200, view(volume));
  }

  private void show(Context context) {
    VolumeName name = name(context);
    json(context, 200, view(catalog.find(name).orElseThrow(() -> missing(name))));
  }

  private void resize(Context context) {
    VolumeName name = name(context);
    long sizeBytes = VolumeRequest.resize(body(context));
    Volume volume;
    try {
      volume = catalog.grow(name, sizeBytes).orElseThrow(() -> missing(name));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
    served.awaitOnline(volume, SETTLE_LIMIT);
    json(context, 200, view(volume));
  }

  private void delete(Context context) {
    VolumeName name = name(context);
    boolean force = force(context);
    Volume volume = catalog.find(name).orElseThrow(() -> missing(name));
    int sessions = served.served(volume.id()).sessions();
    if (sessions > 0 && !force) {
      throw new Problem(
          409,
          "volume '"
              + name
              + "' is mounted by "
              + sessions
              + (sessions == 1 ? " session" : " sessions")
              + "; unmount it there first, or repeat with force=true to cut them off");
    }
    catalog.delete(name);
    served.awaitGone(volume.id(), SETTLE_LIMIT);
    context.status(204);
  }

  private static boolean force(Context context) {
    for (String parameter : context.queryParamMap().keySet()) {
      if (!parameter.equals("force")) {
        throw new Problem(400, "unknown parameter '" + parameter + "'; expected only force");
      }
    }
    String force = Optional.ofNullable(context.queryParam("force")).orElse("false");
    return switch (force) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new Problem(400, "parameter force is neither true nor false");
    };
  }

  private ObjectNode view(Volume volume) {
    Served here = served.served(volume.id());
    return Views.volume(volume, here);
  }

  private static VolumeName name(Context context) {
    try {
      return new VolumeName(context.pathParam("name"));
    } catch (IllegalArgumentException e) {
      // No such volume can exist, so "not found" is true, and the detail says why.
      throw new Problem(404, String.valueOf(e.getMessage()));
    }
  }

  private static Problem missing(VolumeName name) {
    return new Problem(404, "there is no volume '" + name + "'");
  }

  private static String difference(VolumeSpec is, VolumeSpec asked) {
    if (is.sizeBytes() != asked.sizeBytes()) {
      return "its size is " + new ByteSize(is.sizeBytes());
    }
    if (is.blockBytes() != asked.blockBytes()) {
      return "its block size is " + is.blockBytes();
    }
    if (is.stripeUnitBytes() != asked.stripeUnitBytes()) {
      return "its stripe unit is " + new ByteSize(is.stripeUnitBytes());
    }
    return is.partitions() != asked.partitions()
        ? "it has " + is.partitions() + " partitions"
        : "its service class is '" + is.serviceClass() + "'";
  }

  private static byte[] body(Context context) {
    String type = Optional.ofNullable(context.contentType()).orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw new Problem(415, "send the body as Content-Type: application/json");
    }
    try (InputStream stream = context.req().getInputStream()) {
      byte[] body = stream.readNBytes(MAX_BODY_BYTES + 1);
      if (body.length > MAX_BODY_BYTES) {
        throw new Problem(413, "the body is longer than " + MAX_BODY_BYTES + " bytes");
      }
      return body;
    } catch (IOException e) {
      throw new Problem(400, "the body can't be read: " + e.getMessage());
    }
  }

  private static void health(Context context) {
    json(context, 200, JsonNodeFactory.instance.objectNode().put("status", "up"));
  }

  private static void description(Context context) {
    try (InputStream stream = AdminServer.class.getResourceAsStream("openapi.json")) {
      context.contentType("application/json");
      context.result(Objects.requireNonNull(stream, "openapi.json").readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Javalin's own refusals: an unknown path, a wrong method, a body that is too long. */
  private static void refused(HttpResponseException refusal, Context context) {
    int status = refusal.getStatus();
    String detail =
        switch (status) {
          case 404 -> "there is nothing at " + context.path() + "; /v1 lists what there is";
          case 405 -> {
            String allowed = allowed(refusal);
            context.header("Allow", allowed);
            yield context.method() + " isn't possible at " + context.path() + "; try " + allowed;
          }
          case 413 -> "the body is longer than " + MAX_BODY_BYTES + " bytes";
          default -> String.valueOf(refusal.getMessage());
        };
    fail(context, status, detail);
  }

  private static String allowed(HttpResponseException refusal) {
    @Nullable String methods =
        refusal instanceof MethodNotAllowedResponse
            ? refusal.getDetails().get("availableMethods")
            : null;
    return methods == null ? "GET" : String.join(", ", List.of(methods.split("[, ]+")));
  }

  private static void fail(Context context, int status, String detail) {
    HttpStatus known = HttpStatus.forStatus(status);
    json(context, status, Views.problem(status, known.getMessage(), detail));
    context.contentType("application/problem+json");
  }

  private static void json(Context context, int status, JsonNode node) {
    context.status(status);
    context.contentType("application/json");
    context.result((node + "\n").getBytes(StandardCharsets.UTF_8));
  }

  private static String detail(Exception problem) {
    return String.valueOf(problem.getMessage());
  }

  private static Throwable rootCause(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
