package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import java.util.Objects;

/**
 * A live server, as the planner sees it.
 *
 * @param weight its share of partitions relative to the others, greater than 0
 * @param capacityBytes what its store may hold in all
 * @param freeBytes what new extents can still take; space that is held in reserve isn't free
 * @param pressure its load, 1.0 being saturated; 0 when unknown
 * @param isDraining whether it is being emptied, so that nothing is to move there
 */
public record ServerStanding(
    ServerId id,
    double weight,
    long capacityBytes,
    long freeBytes,
    double pressure,
    boolean isDraining) {

  public ServerStanding {
    Objects.requireNonNull(id, "id");
    if (!(weight > 0) || Double.isInfinite(weight)) {
      throw new IllegalArgumentException(
          "weight " + weight + " of server " + id + " is not a positive number");
    }
    if (capacityBytes < 0 || freeBytes < 0 || !(pressure >= 0)) {
      throw new IllegalArgumentException("server " + id + " has a negative size or pressure");
    }
  }

  /** What a plan may add to the server: a fiftieth of the capacity is left to those who write. */
  public long roomBytes() {
    return Math.max(0, freeBytes - capacityBytes / 50);
  }
}
