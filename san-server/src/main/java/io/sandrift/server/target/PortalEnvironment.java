package io.sandrift.server.target;

import io.sandrift.server.login.Authentication;
import io.sandrift.server.login.LoginEnvironment;
import io.sandrift.server.login.LoginQuery;
import io.sandrift.server.login.TargetLookup;
import io.sandrift.server.trace.Trace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What this server has for one connection's login: every target in its directory, through every
 * portal, to whom the guard lets in, where the client distribution has the client served here.
 * Confined to the connection's event loop.
 */
final class PortalEnvironment implements LoginEnvironment {

  private final PresentedTargets directory;
  private final ClientDistribution distribution;
  private final TargetGuard guard;
  private final InetSocketAddress from;
  private volatile @Nullable String sessionId;
  private @Nullable InetAddress client;
  private volatile Trace trace = Trace.NONE;

  /**
   * @param from where the connection comes from
   */
  PortalEnvironment(
      PresentedTargets directory,
      ClientDistribution distribution,
      TargetGuard guard,
      InetSocketAddress from) {
    this.guard = guard;
    this.from = from;
    this.directory = directory;
    this.distribution = distribution;
  }

  @Override
  public TargetLookup lookup(LoginQuery query) {
    if (query.targetName() == null) {
      return new TargetLookup.Found(TargetServer.PORTAL_GROUP_TAG, "", Authentication.NOT_REQUIRED);
    }
    @Nullable Target target = directory.find(query.targetName().value());
    if (target == null) {
      return TargetLookup.notFound();
    }
    if (!guard.admits(target, query.initiatorName().value(), client())) {
      return TargetLookup.forbidden();
    }
    if (query.tsih() != 0) {
      // Refused when the login is complete: it would add a connection to a session.
      return found(target);
    }
    CompletableFuture<LoginRoute> routing = distribution.route(query, target);
    return routing.isDone()
        ? answer(routing.join(), target)
        : new TargetLookup.Undecided(routing.thenApply(route -> answer(route, target)));
  }

  /**
   * What the session that comes of this login is called; null when the distribution said nothing.
   */
  @Nullable String sessionId() {
    return sessionId;
  }

  /** Where the client is: at the other end of the connection, unless a server carries it here. */
  InetAddress client() {
    if (client == null) {
      // Not before the first request: only by then it is known.
      client = distribution.client(from);
    }
    return client;
  }

  /** What the log lines about this login have in common with other servers'. */
  Trace trace() {
    return trace;
  }

  private TargetLookup answer(LoginRoute route, Target target) {
    trace = route.trace();
    if (route instanceof LoginRoute.Here here) {
      sessionId = here.sessionId();
      return found(target);
    } else if (route instanceof LoginRoute.Redirect redirect) {
      return new TargetLookup.Moved(redirect.address(), false);
    } else if (route instanceof LoginRoute.Relay relay) {
      return new TargetLookup.Relayed(relay.address(), relay.ended());
    }
    return TargetLookup.unavailable(((LoginRoute.Unavailable) route).reason());
  }

  private TargetLookup found(Target target) {
    @Nullable Authentication authentication = guard.authentication(target);
    return authentication == null
        ? TargetLookup.unavailable("what initiators must prove can't be read; the log says why")
        : new TargetLookup.Found(TargetServer.PORTAL_GROUP_TAG, target.alias(), authentication);
  }
}
