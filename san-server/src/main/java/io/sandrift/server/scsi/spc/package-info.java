/**
 * What every SCSI device answers (SPC-4): identification, mode parameters, the list of commands,
 * unit attentions.
 *
 * <p>Formats and small states, no I/O: each class makes or reads one kind of parameter data. Called
 * by the disk's nexuses on their sessions' event loops. Imports the SCSI task boundary, the
 * reservations' notion of access, and Netty's buffers.
 */
@NullMarked
package io.sandrift.server.scsi.spc;

import org.jspecify.annotations.NullMarked;
