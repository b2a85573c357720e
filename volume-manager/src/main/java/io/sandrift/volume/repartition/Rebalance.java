package io.sandrift.volume.repartition;

/** What a plan evens out among the servers that stay. */
public enum Rebalance {
  /** Nothing beyond what servers that come and go need. */
  NONE,
  /** The used fraction of each server's capacity. */
  CAPACITY,
  /** The servers' pressures: hot and cold partitions change places. */
  LOAD
}
