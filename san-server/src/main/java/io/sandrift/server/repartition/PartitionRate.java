package io.sandrift.server.repartition;

/** What passes through one partition each second, lately. */
public record PartitionRate(double operationsPerSecond, double bytesPerSecond) {

  static final PartitionRate NONE = new PartitionRate(0, 0);
}
