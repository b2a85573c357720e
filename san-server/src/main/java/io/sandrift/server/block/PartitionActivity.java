package io.sandrift.server.block;

/**
 * What one partition of a volume has done at its owner so far.
 *
 * @param partition its number in the volume
 * @param operations reads and changes that ended
 * @param bytes read and changed
 * @param underWay requests under way now
 */
public record PartitionActivity(int partition, long operations, long bytes, int underWay) {}
