package io.sandrift.server.target;

import io.sandrift.server.login.LoginQuery;
import io.sandrift.server.session.Session;
import io.sandrift.server.session.SessionIdentity;
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
                  SessionIdentity.idOf(
                      query.initiatorName().value(), query.isid(), target.name())));
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

  /** A session is served here from now on. */
  void began(Session session);

  /** A session is served here no longer, and none of its I/O is under way. */
  void ended(Session session);
}
