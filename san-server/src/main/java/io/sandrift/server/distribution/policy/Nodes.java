package io.sandrift.server.distribution.policy;

import io.sandrift.load.membership.ServerId;

/** What is known of the machines that servers run on. */
public interface Nodes {

  /** Each server is a node of its own, and nobody rates it. */
  Nodes NONE =
      new Nodes() {
        @Override
        public String node(ServerId server) {
          return server.value();
        }

        @Override
        public double rating(ServerId server) {
          return 1;
        }
      };

  /** The machine that a server runs on: what several servers may have in common. */
  String node(ServerId server);

  /** How fit its node's control process takes it to be, 0 to 1; 1 where none rates it. */
  double rating(ServerId server);
}
