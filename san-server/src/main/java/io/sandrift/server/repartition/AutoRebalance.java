package io.sandrift.server.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.repartition.ClusterStanding;
import io.sandrift.volume.repartition.Plan;
import io.sandrift.volume.repartition.PlanRecord;
import io.sandrift.volume.repartition.PlanRequest;
import io.sandrift.volume.repartition.Planner;
import io.sandrift.volume.repartition.Planning;
import io.sandrift.volume.repartition.Rebalance;
import io.sandrift.volume.repartition.ServerStanding;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Decides when partitions move without anybody asking: a server that owns nothing gets its share,
 * and pressures are evened out. Pure; used by one thread.
 *
 * <p>So that nothing flaps: the same is wanted {@link #WINDOWS} times in a row before it is done;
 * nothing is done while a plan runs, nor within {@link #REST} after one has ended; what takes more
 * than it brings the planner leaves alone.
 */
final class AutoRebalance {

  static final Duration REST = Duration.ofMinutes(5);
  static final int WINDOWS = 3;

  private String wanted = "";
  private int windows;

  /**
   * Looks at the cluster once. While a server is being emptied, nothing is to be run.
   *
   * @return what is to be run now
   */
  Optional<Plan> look(
      ClusterStanding standing, List<PlanRecord> history, double bytesPerSecond, Instant now) {
    Optional<Plan> plan =
        isAtRest(history, now) && standing.servers().stream().noneMatch(ServerStanding::isDraining)
            ? plan(standing, bytesPerSecond)
            : Optional.empty();
    String purpose = plan.map(Plan::purpose).orElse("");
    windows = purpose.equals(wanted) ? windows + 1 : 1;
    wanted = purpose;
    if (plan.isEmpty() || windows < WINDOWS) {
      return Optional.empty();
    }
    wanted = "";
    windows = 0;
    return plan;
  }

  private static boolean isAtRest(List<PlanRecord> history, Instant now) {
    return history.stream()
        .allMatch(
            record ->
                record.state().isOver()
                    && record.ended() != null
                    && record.ended().plus(REST).isBefore(now));
  }

  private static Optional<Plan> plan(ClusterStanding standing, double bytesPerSecond) {
    Optional<ServerId> newcomer =
        standing.servers().stream()
            .map(ServerStanding::id)
            .filter(server -> !owns(standing, server))
            .min(Comparator.naturalOrder());
    PlanRequest request =
        newcomer.map(PlanRequest::adding).orElseGet(() -> PlanRequest.rebalancing(Rebalance.LOAD));
    return Planner.plan(standing, request, bytesPerSecond) instanceof Planning.Planned planned
            && !planned.plan().moves().isEmpty()
        ? Optional.of(planned.plan())
        : Optional.empty();
  }

  private static boolean owns(ClusterStanding standing, ServerId server) {
    return standing.volumes().stream()
        .flatMap(volume -> volume.partitions().stream())
        .anyMatch(partition -> partition.owner().equals(server));
  }
}
