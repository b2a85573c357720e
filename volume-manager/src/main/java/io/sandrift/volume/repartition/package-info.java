/**
 * Repartitioning: which partitions would go where, how many bytes that takes, and what it would
 * change; and the plans that run or have run, as ZooKeeper holds them.
 *
 * <p>A plan is made by {@code Planner} from a snapshot of the cluster: pure, no I/O, no clock. It
 * is an immutable value that can be shown, kept in a file, and run. {@code PlanRecords} blocks on
 * ZooKeeper, so never on an event loop. Called by the servers' repartition agents and by the
 * commands, on any thread. Imports the catalog, the partition maps and load-monitor's {@code
 * ServerId}.
 */
@NullMarked
package io.sandrift.volume.repartition;

import org.jspecify.annotations.NullMarked;
