package io.sandrift.server.target;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.server.login.LoginQuery;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
import io.sandrift.server.trace.Trace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;

/**
 * Who decides by which server a client is served, as the target sees it. Called on event loops:
 * must not block.
 */
public interface ClientDistribution {

  /** Serves everybody where they arrive. */
  ClientDistribution NONE =
      new ClientDistribution() {
        @Override
        public CompletableFuture<LoginRoute> route(LoginQuery query, Target target) {
          return CompletableFuture.completedFuture(
              new LoginRoute.Here(
                  SessionIdentity.idOf(query.initiatorName().value(), query.isid(), target.name()),
                  Trace.NONE));
        }

        @Override
        public void began(Session session) {}

        @Override
        public void ended(Session session) {}
      };

  /**
   * Where a login belongs whose target is presented here. It has proven nothing yet.
   *
   * @return completes within a few seconds on any thread, never with a failure
   */
  CompletableFuture<LoginRoute> route(LoginQuery query, Target target);

  /**
   * This server is about to carry a client's connection to another.
   *
   * @param to the other's portal
   * @param connection where the other sees it come from
   * @param client where the client is
   * @return completes within a second or so, never with a failure: when the other knows, or can't
   *     be told, in which case it judges the client by this server's address
   */
  default CompletableFuture<Void> carries(
      TargetAddress to, InetSocketAddress connection, InetAddress client) {
    return CompletableFuture.completedFuture(null);
  }

  /**
   * Where the client is whose connection comes from there; asked once for each connection.
   *
   * @return another address only for a connection that another server said it carries
   */
  default InetAddress client(InetSocketAddress connection) {
    return connection.getAddress();
  }

  /** A session is served here from now on. */
  void began(Session session);

  /** A session is served here no longer, and none of its I/O is under way. */
  void ended(Session session);
}
