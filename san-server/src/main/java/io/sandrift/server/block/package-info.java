/**
 * A volume's bytes as one device, striped over the servers that own its partitions.
 *
 * <p>Called by the SCSI block commands, on the event loop of the session that sent them. {@link
 * io.sandrift.server.block.PartitionReplica} is the port through which one owner is reached: the
 * local store implements it, and so does the link to another server. Imports volume-manager's
 * stripe arithmetic and Netty's buffers; knows neither SCSI nor files.
 */
@NullMarked
package io.sandrift.server.block;

import org.jspecify.annotations.NullMarked;
