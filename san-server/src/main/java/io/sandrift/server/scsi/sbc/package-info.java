/**
 * The block commands (SBC-3): a striped device's bytes as logical blocks.
 *
 * <p>{@link io.sandrift.server.scsi.sbc.BlockUnit} checks each command's range and limits and
 * returns an {@link io.sandrift.server.scsi.task.Execution}; the small classes around it are those
 * executions. Called by the disk's nexuses on their sessions' event loops; completions run on
 * whatever thread ends the I/O. Work that may be long goes step by step and leaves the event loop
 * after a few. Imports the block device below, and the SPC formats.
 */
@NullMarked
package io.sandrift.server.scsi.sbc;

import org.jspecify.annotations.NullMarked;
