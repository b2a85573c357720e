/**
 * Repartitioning as numbers: which partitions would go where, how many bytes that takes, and what
 * it would change. A plan is made from a snapshot of the cluster and is an immutable value; it can
 * be shown, kept in a file, and run later by the servers.
 *
 * <p>Called by the servers' repartition driver and by the commands, on any thread. Pure: no I/O, no
 * clock, no ZooKeeper. Imports the catalog's names and load-monitor's {@code ServerId}.
 */
@NullMarked
package io.sandrift.volume.repartition;

import org.jspecify.annotations.NullMarked;
