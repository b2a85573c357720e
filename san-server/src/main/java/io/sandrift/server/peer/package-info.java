/**
 * Server to server: the binary protocol over which a server reaches the partitions that others own,
 * and the calls with which servers agree.
 *
 * <p>Used by the node's wiring, {@code block} (through its port {@code PartitionReplica}) and
 * distribution. One connection per event loop and peer; a connection is confined to its event loop.
 * Imports block, Netty and load-monitor's membership; knows neither SCSI nor iSCSI.
 */
@NullMarked
package io.sandrift.server.peer;

import org.jspecify.annotations.NullMarked;
