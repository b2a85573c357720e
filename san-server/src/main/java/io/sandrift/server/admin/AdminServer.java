package io.sandrift.server.admin;

import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;

/**
 * The admin API's HTTP server: listens, checks who asks, and hands each request to the {@link
 * AdminResource} whose route it is.
 *
 * <p>{@link #start} and {@link #close} are called by the node; everything else runs on Jetty's
 * threads.
 */
public final class AdminServer implements AutoCloseable {

  private static final int MAX_CONNECTIONS = 256;
  private static final int THREADS = 16;
  private static final Duration IDLE_LIMIT = Duration.ofSeconds(30);

  private final InetSocketAddress address;
  private final @Nullable SSLContext tls;
  private final Entry entry;
  private final Changes changes;
  private final AdminRoutes routes = new AdminRoutes();
  private final Javalin http;

  /**
   * A server that asks nobody who they are and writes nothing down.
   *
   * @param address a loopback address; port 0 is any free one
   * @param resources what it answers, besides {@code /v1} itself
   */
  AdminServer(InetSocketAddress address, List<AdminResource> resources) {
    this(
        address,
        null,
        Entry.ofLoopback(address.getAddress()),
        new Changes(entry -> {}, "", InstantSource.system()),
        resources);
  }

  /**
   * @param address where to listen; port 0 is any free one
   * @param tls the server's certificate and key; null to speak plain HTTP
   * @param audit where changes are written down
   * @param server this server's id, for the audit log
   * @param resources what it answers, besides {@code /v1} itself
   */
  public AdminServer(
      InetSocketAddress address,
      @Nullable SSLContext tls,
      Entry entry,
      AuditLog audit,
      String server,
      List<AdminResource> resources) {
    this(
        address, tls, entry, new Changes(audit::record, server, InstantSource.system()), resources);
  }

  AdminServer(
      InetSocketAddress address,
      @Nullable SSLContext tls,
      Entry entry,
      Changes changes,
      List<AdminResource> resources) {
    this.address = Objects.requireNonNull(address);
    this.tls = tls;
    this.entry = entry;
    this.changes = changes;
    ApiResource api = new ApiResource();
    List<AdminResource> all = new ArrayList<>(resources);
    all.add(api);
    all.forEach(resource -> resource.routes(routes));
    api.complete(routes, OpenApi.assemble(all, routes.all()));
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
    config.http.maxRequestSize = AdminRoutes.MOST_BODY_BYTES;
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
          server.setErrorHandler(new EarlyProblems());
        });
    config.routes.before(entry::admit);
    for (AdminRoutes.Route route : routes.all()) {
      config.routes.addHttpHandler(
          HandlerType.findOrCreate(route.method()), route.path(), context -> serve(context, route));
    }
    ProblemAnswers.install(config.routes);
  }

  private void serve(Context context, AdminRoutes.Route route) throws Exception {
    Exchange exchange;
    try {
      exchange = new Exchange(context, entry.caller(context, route.role()), entry, route);
    } catch (Problem problem) {
      if (route.changes()) {
        Caller stranger = new Caller("", Role.ANYONE, context.req().getRemoteAddr());
        changes.refused(new Exchange(context, stranger, entry, route), problem);
      }
      throw problem;
    }
    if (route.changes()) {
      changes.carryOut(exchange, route.endpoint());
    } else {
      route.endpoint().answer(exchange);
    }
  }

  private ServerConnector connector(Server server, HttpConfiguration configuration) {
    configuration.getCustomizers().removeIf(SecureRequestCustomizer.class::isInstance);
    HttpConnectionFactory plain = new HttpConnectionFactory(configuration);
    if (tls == null) {
      return new ServerConnector(server, 1, 1, plain);
    }
    // There is one certificate, whatever name or address is asked for: whether it is the right one
    // is for who asks to say, and a probe doesn't care.
    configuration.addCustomizer(new SecureRequestCustomizer(false));
    SslContextFactory.Server factory = new SslContextFactory.Server();
    factory.setSslContext(tls);
    factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
    return new ServerConnector(
        server, 1, 1, new SslConnectionFactory(factory, plain.getProtocol()), plain);
  }

  private static Throwable rootCause(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
