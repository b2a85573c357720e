package io.sandrift.server.admin;

import io.sandrift.server.repartition.Repartitioner;
import io.sandrift.server.repartition.Repartitioner.Progress;
import io.sandrift.volume.repartition.PlanRecord;
import io.sandrift.volume.repartition.PlanState;
import java.util.Map;

/** The plans that run or ran; all servers read them from ZooKeeper. */
final class PlanOperations implements OperationSource {

  private static final String KIND = "repartition";

  private final Repartitioner repartitioner;

  PlanOperations(Repartitioner repartitioner) {
    this.repartitioner = repartitioner;
  }

  static String id(PlanRecord plan) {
    return KIND + "-" + plan.id();
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public Known list() {
    return Known.all(repartitioner.history().stream().map(this::operation).toList());
  }

  private Operation operation(PlanRecord plan) {
    return new Operation(
        id(plan),
        plan.plan().purpose(),
        state(plan.state()),
        progress(repartitioner, plan),
        words(repartitioner, plan),
        plan.by(),
        plan.created(),
        plan.ended(),
        Map.of("plan", RepartitionResource.PLANS + "/" + plan.id()));
  }

  static Operation.State state(PlanState state) {
    return switch (state) {
      case RUNNING, GOING_BACK -> Operation.State.RUNNING;
      case PAUSED -> Operation.State.PAUSED;
      case DONE -> Operation.State.DONE;
      case CANCELLED -> Operation.State.CANCELLED;
      case FAILED -> Operation.State.FAILED;
    };
  }

  /** How much of a plan is done, 0 to 1. */
  static double progress(Repartitioner repartitioner, PlanRecord plan) {
    int moves = plan.plan().moves().size();
    return moves == 0 ? 1 : made(repartitioner, plan) / (double) moves;
  }

  /** How far a plan is, or how it ended. */
  static String words(Repartitioner repartitioner, PlanRecord plan) {
    StringBuilder text = new StringBuilder("plan ").append(plan.id()).append(" is ");
    text.append(RepartitionResource.word(plan.state()));
    if (!plan.state().isOver() || plan.state() == PlanState.DONE) {
      text.append(": ").append(made(repartitioner, plan)).append(" of ");
      text.append(plan.plan().moves().size()).append(" partitions have moved");
    }
    return plan.note().isEmpty() ? text.toString() : text + "; " + plan.note();
  }

  /** Looks through the maps for a plan that goes on; one that was broken off has made none. */
  private static int made(Repartitioner repartitioner, PlanRecord plan) {
    return switch (plan.state()) {
      case DONE -> plan.plan().moves().size();
      case CANCELLED, FAILED -> 0;
      case RUNNING, PAUSED, GOING_BACK ->
          repartitioner.progress(plan.id()).map(Progress::movesMade).orElse(0);
    };
  }
}
