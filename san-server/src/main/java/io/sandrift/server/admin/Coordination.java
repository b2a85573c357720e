package io.sandrift.server.admin;

import java.time.Instant;
import java.util.Optional;

/** How this server stands with ZooKeeper. Safe for all threads. */
public interface Coordination {

  /** ZooKeeper that is always there. */
  Coordination ALWAYS =
      new Coordination() {
        @Override
        public String connectString() {
          return "";
        }

        @Override
        public Optional<Instant> awaySince() {
          return Optional.empty();
        }
      };

  /** Where it is looked for. */
  String connectString();

  /** Since when it can't be reached; empty while it can. */
  Optional<Instant> awaySince();

  /** What to tell somebody whose request needs ZooKeeper while it is away; empty while it isn't. */
  default Optional<String> trouble() {
    return awaySince()
        .map(
            since ->
                "ZooKeeper at "
                    + connectString()
                    + " can't be reached from this server since "
                    + since
                    + "; mounted volumes go on being served, but nothing can be created, changed,"
                    + " deleted or moved until it is back: start it, or mend the network");
  }

  /**
   * Refuses at once what would only wait for ZooKeeper.
   *
   * @throws Problem 503
   */
  default void require() {
    trouble()
        .ifPresent(
            words -> {
              throw new Problem(503, "zookeeper-away", words);
            });
  }
}
