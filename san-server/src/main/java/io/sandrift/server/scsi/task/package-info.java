/**
 * The boundary between a SCSI transport and a logical unit (SAM-5): commands in, executions out.
 *
 * <p>A transport (the iSCSI session) attaches a nexus to a {@link
 * io.sandrift.server.scsi.task.DeviceServer}, hands it commands, and performs the {@link
 * io.sandrift.server.scsi.task.Execution} that comes back: it moves the data and sends the
 * response. The device server decides; it does not know of PDUs, sockets or threads. Imports
 * Netty's buffers only.
 */
@NullMarked
package io.sandrift.server.scsi.task;

import org.jspecify.annotations.NullMarked;
