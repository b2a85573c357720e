package io.sandrift.volume.repartition;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A plan that runs, or has run.
 *
 * @param id a number, counted up over the cluster's life
 * @param plan while it goes back, the way back
 * @param bytesPerSecond the most that all its moves together copy; 0 for no limit
 * @param by who started it
 * @param ended when it was over; null before
 * @param note what went wrong, or how it ended, in words; may be empty
 * @param version in ZooKeeper
 */
public record PlanRecord(
    long id,
    Plan plan,
    PlanState state,
    long bytesPerSecond,
    String by,
    Instant created,
    @Nullable Instant ended,
    String note,
    int version) {

  public PlanRecord {
    Objects.requireNonNull(plan, "plan");
    Objects.requireNonNull(state, "state");
    if (bytesPerSecond < 0) {
      throw new IllegalArgumentException("a rate of " + bytesPerSecond + " is less than 0");
    }
  }

  /** In another state; {@code now} is when it is over, if it is. */
  public PlanRecord as(PlanState next, Instant now, String newNote) {
    return new PlanRecord(
        id, plan, next, bytesPerSecond, by, created, next.isOver() ? now : null, newNote, version);
  }

  /** With another rate. */
  public PlanRecord at(long newBytesPerSecond) {
    return new PlanRecord(id, plan, state, newBytesPerSecond, by, created, ended, note, version);
  }

  /** With other moves. */
  public PlanRecord with(Plan newPlan) {
    return new PlanRecord(id, newPlan, state, bytesPerSecond, by, created, ended, note, version);
  }
}
