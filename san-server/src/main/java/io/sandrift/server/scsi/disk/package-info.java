/**
 * A disk: the device server behind one target, which knows every command that a disk answers.
 *
 * <p>{@link io.sandrift.server.scsi.disk.DiskDeviceServer} holds what all nexuses share; a {@link
 * io.sandrift.server.scsi.disk.DiskNexus} takes one nexus's commands: it finds the command, checks
 * attentions and reservations, and lets the command sets (spc, sbc, reservation, copy) do the rest.
 * Constructed by the node's wiring; called by the sessions' event loops.
 */
@NullMarked
package io.sandrift.server.scsi.disk;

import org.jspecify.annotations.NullMarked;
