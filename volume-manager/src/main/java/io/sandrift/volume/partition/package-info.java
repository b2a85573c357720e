/**
 * Which servers hold each partition of a volume: the partition map, and its place in ZooKeeper.
 *
 * <p>Read by the node when it publishes a volume, changed by repartitioning. Maps are immutable
 * values; {@code PartitionMaps} blocks on ZooKeeper, so never on an event loop. Imports the catalog
 * and load-monitor's {@code ServerId}.
 */
@NullMarked
package io.sandrift.volume.partition;

import org.jspecify.annotations.NullMarked;
