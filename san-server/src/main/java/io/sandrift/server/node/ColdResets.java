package io.sandrift.server.node;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.peer.PeerCalls;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TARGET COLD RESET ends a target's sessions at every server, since the target is one iSCSI node
 * whichever portal a session came through (RFC 7143 clause 11.5.1). A server that can't be reached
 * keeps its sessions; their tasks have ended with the reset of the logical unit, which all servers
 * agree on. Safe for all threads.
 */
final class ColdResets {

  private static final Logger LOG = LoggerFactory.getLogger(ColdResets.class);

  private static final String TOPIC = "target.cold-reset";
  private static final Duration LIMIT = Duration.ofSeconds(5);

  private final ServerId self;
  private final Supplier<Collection<ServerId>> members;
  private final PeerCalls calls;

  /**
   * @param members the servers that are there now
   */
  ColdResets(ServerId self, Supplier<Collection<ServerId>> members, PeerCalls calls) {
    this.self = self;
    this.members = members;
    this.calls = calls;
  }

  /**
   * Hears of the other servers' from now on.
   *
   * @param drop ends this server's sessions of a target
   */
  void hear(Function<String, CompletableFuture<Void>> drop) {
    calls.serve(
        TOPIC,
        (from, target) ->
            drop.apply(new String(target, StandardCharsets.UTF_8)).thenApply(ended -> new byte[0]));
  }

  /** Tells the others of one that came here. */
  void tell(String target) {
    for (ServerId member : members.get()) {
      if (!member.equals(self)) {
        calls
            .call(member, TOPIC, target.getBytes(StandardCharsets.UTF_8), LIMIT)
            .exceptionally(
                failure -> {
                  LOG.warn(
                      "server {} was not told that target {} was reset: {}",
                      member,
                      target,
                      failure.getMessage());
                  return new byte[0];
                });
      }
    }
  }
}
