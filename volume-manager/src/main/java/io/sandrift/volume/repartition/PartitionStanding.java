package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import java.util.Objects;

/**
 * A partition, as the planner sees it.
 *
 * @param owner who has it; may be a server that isn't alive
 * @param usedBytes its extents
 * @param operationsPerSecond its load
 */
public record PartitionStanding(ServerId owner, long usedBytes, double operationsPerSecond) {

  public PartitionStanding {
    Objects.requireNonNull(owner, "owner");
    if (usedBytes < 0 || !(operationsPerSecond >= 0)) {
      throw new IllegalArgumentException(
          "a partition of " + owner + " has a negative size or load");
    }
  }
}
