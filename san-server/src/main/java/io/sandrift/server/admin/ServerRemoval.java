package io.sandrift.server.admin;

import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.DistributionException;
import io.sandrift.server.distribution.Drain;
import io.sandrift.server.repartition.Repartitioner;
import io.sandrift.volume.repartition.PlanRecord;
import io.sandrift.volume.repartition.PlanRequest;
import io.sandrift.volume.repartition.Planning;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Empties servers for good: holds sessions and new partitions off, moves the ones that are there
 * away, and tells how far that is.
 *
 * <p>Nothing is remembered here. A server that is drained, with a plan to remove it, is being
 * removed; both lie in ZooKeeper, so every server knows, and it goes on when the one that was asked
 * stops. Safe for all threads that may wait.
 */
public final class ServerRemoval implements OperationSource {

  private static final String KIND = "remove";

  /** A plan that is older than the drain belongs to an earlier removal. */
  private static final Duration CLOCKS_DIFFER = Duration.ofMinutes(1);

  private final Repartitioner repartitioner;
  private final Distribution distribution;

  public ServerRemoval(Repartitioner repartitioner, Distribution distribution) {
    this.repartitioner = Objects.requireNonNull(repartitioner);
    this.distribution = Objects.requireNonNull(distribution);
  }

  /**
   * Begins to empty a server, or goes on with that.
   *
   * @param bytesPerSecond the most to copy; 0 for no limit
   * @return the operation's id: of its drain alone, if it owns nothing
   * @throws Problem 409 if the others have no room, or another plan runs: it is as it was then
   */
  String begin(ServerId server, long bytesPerSecond, String by) {
    boolean wasDraining = distribution.isDraining(server);
    change(() -> distribution.drain(server, by));
    boolean isMoving = plan(server).filter(plan -> !plan.state().isOver()).isPresent();
    if (!isMoving) {
      try {
        isMoving = moveAway(server, bytesPerSecond, by);
      } catch (Problem refused) {
        if (!wasDraining) {
          change(() -> distribution.undrain(server));
        }
        throw refused;
      }
    }
    return isMoving ? KIND + "-" + server : DrainOperations.id(server);
  }

  /** Whether there is anything to move; it is under way then. */
  private boolean moveAway(ServerId server, long bytesPerSecond, String by) {
    Planning planning = repartitioner.plan(PlanRequest.removing(server));
    if (planning instanceof Planning.Refused refused) {
      throw new Problem(409, "plan-refused", refused.reason());
    }
    var plan = ((Planning.Planned) planning).plan();
    if (plan.moves().isEmpty()) {
      return false;
    }
    if (repartitioner.run(plan, bytesPerSecond, by)
        instanceof Repartitioner.Answer.Refused refused) {
      throw new Problem(409, "plan-refused", refused.reason());
    }
    return true;
  }

  private static void change(Runnable change) {
    try {
      change.run();
    } catch (DistributionException e) {
      throw new Problem(503, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public Known list() {
    List<Operation> operations = new ArrayList<>();
    for (DrainOperations.Drained drained : DrainOperations.drained(distribution)) {
      plan(drained.server())
          .filter(plan -> plan.created().plus(CLOCKS_DIFFER).isAfter(drained.drain().since()))
          .map(plan -> operation(drained, plan))
          .ifPresent(operations::add);
    }
    return Known.all(operations);
  }

  private Operation operation(DrainOperations.Drained drained, PlanRecord plan) {
    Operation.State state = PlanOperations.state(plan.state());
    if (state == Operation.State.DONE && drained.sessions() > 0) {
      state = Operation.State.RUNNING;
    }
    return new Operation(
        KIND + "-" + drained.server(),
        drained.server().value(),
        state,
        PlanOperations.progress(repartitioner, plan),
        PlanOperations.words(repartitioner, plan) + "; " + drained.words(),
        plan.by(),
        drained.drain().since(),
        state == Operation.State.RUNNING ? null : ended(drained.drain(), plan),
        Map.of(
            "server",
            ServersResource.path(drained.server()),
            "plan",
            RepartitionResource.PLANS + "/" + plan.id()));
  }

  /** When the later of the two was done: its partitions away, and its sessions. */
  private static @Nullable Instant ended(Drain drain, PlanRecord plan) {
    Instant emptied = drain.emptied();
    Instant moved = plan.ended();
    return emptied != null && moved != null && emptied.isAfter(moved) ? emptied : moved;
  }

  /** The newest plan to remove that server. */
  private Optional<PlanRecord> plan(ServerId server) {
    String purpose = PlanRequest.removing(server).toString();
    return repartitioner.history().stream()
        .filter(record -> record.plan().purpose().equals(purpose))
        .findFirst();
  }
}
