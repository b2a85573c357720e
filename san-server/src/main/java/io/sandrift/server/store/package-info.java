/**
 * The extent store: the bytes of the partitions that one server owns, in files of one directory.
 *
 * <pre>
 *   lock            held while the store is open
 *   store.json      the format's version, and which store this is
 *   index/          RocksDB: volume and unit → slot
 *   extents-1024k-0 slots of 1 MiB, written in place
 * </pre>
 *
 * <p>Opened by the node; used through {@link io.sandrift.server.block.PartitionReplica} by the
 * striped device on event loops. Threads of its own: one that syncs, one that zeroes freed slots,
 * and a few for I/O that a slow disk would make an event loop wait for. Imports block, RocksDB and
 * Netty's buffers; knows neither SCSI nor ZooKeeper.
 */
@NullMarked
package io.sandrift.server.store;

import org.jspecify.annotations.NullMarked;
