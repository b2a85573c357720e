package io.sandrift.server.distribution;

import io.sandrift.load.membership.ServerId;
import io.sandrift.load.pressure.PressureFormula;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SampleFormatException;
import io.sandrift.load.sample.SampleJson;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.server.distribution.policy.AllocationRequest;
import io.sandrift.server.peer.PeerException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the master does for the servers that clients reach: selects, has a place kept at the
 * selected server first, and answers. Confined to distribution's thread.
 */
final class MasterRole {

  private static final Logger LOG = LoggerFactory.getLogger(MasterRole.class);

  private final Surroundings surroundings;
  private final Mastership mastership;
  private final Allocator allocator;
  private final Selection selection;
  private final Executor thread;
  private final Clock clock;

  MasterRole(
      Surroundings surroundings,
      Mastership mastership,
      Allocator allocator,
      Selection selection,
      Executor thread,
      Clock clock) {
    this.surroundings = surroundings;
    this.mastership = mastership;
    this.allocator = allocator;
    this.selection = selection;
    this.thread = thread;
    this.clock = clock;
  }

  /** Fails with {@link PeerException} when this server isn't the master. */
  CompletableFuture<Wire.Selected> select(Wire.Select asked) {
    long epoch = mastership.ownEpoch();
    if (epoch == 0) {
      return CompletableFuture.failedFuture(
          new PeerException(
              PeerException.Reason.REFUSED, surroundings.self() + " is not the master"));
    }
    return select(asked, epoch, new HashSet<>());
  }

  private CompletableFuture<Wire.Selected> select(
      Wire.Select asked, long epoch, Set<ServerId> refused) {
    ServerId reached = new ServerId(asked.reached());
    AllocationRequest request =
        allocator.request(asked.who(), asked.volume(), asked.service(), reached, refused);
    ServerLoad own = fresher(reached, asked.sample());
    Optional<Decision> decision =
        selection.select(own == null ? request : request.with(own), asked.who(), asked.reached());
    if (decision.isEmpty()) {
      return CompletableFuture.completedFuture(new Wire.Selected("", epoch, false, null));
    }
    Decision made = decision.get();
    return selection
        .reserve(asked.who(), made, epoch)
        .thenComposeAsync(
            place -> {
              if (place.ok()) {
                return CompletableFuture.completedFuture(
                    new Wire.Selected(made.server().value(), epoch, true, made.assignment()));
              }
              refused.add(made.server());
              return refused.size() >= Selection.MAX_REFUSALS
                  ? CompletableFuture.completedFuture(new Wire.Selected("", epoch, false, null))
                  : select(asked, epoch, refused);
            },
            thread);
  }

  /** The slave's own word on its load, which came with the request. */
  private @Nullable ServerLoad fresher(ServerId server, String sample) {
    ServerLoad known = surroundings.load().find(server);
    if (known == null || sample.isEmpty()) {
      return null;
    }
    try {
      Sample told = SampleJson.decode(sample.getBytes(StandardCharsets.UTF_8));
      if (!told.server().equals(server)) {
        return null;
      }
      return new ServerLoad(
          server,
          known.liveness(),
          known.isDraining(),
          known.services(),
          told,
          PressureFormula.DEFAULT.of(told),
          known.reserved(),
          clock.instant());
    } catch (SampleFormatException e) {
      LOG.warn("{} told nothing of its load that can be read: {}", server, e.getMessage());
      return null;
    }
  }
}
