/**
 * How the servers agree on the state of a logical unit: it lies in ZooKeeper, is changed there by
 * compare-and-set, and holds when all servers have taken it over.
 *
 * <p>{@link io.sandrift.server.unit.ClusterUnits} is made by the node's wiring and gives each
 * presented volume its {@link io.sandrift.server.scsi.unit.SharedUnit}. Everything here runs on
 * {@code units}, a thread of its own, and never waits there. Imports scsi, peer calls, membership
 * and Curator; knows neither sessions nor the store.
 */
@NullMarked
package io.sandrift.server.unit;

import org.jspecify.annotations.NullMarked;
