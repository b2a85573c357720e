/**
 * Third-party copy within the system: EXTENDED COPY with one-byte list identifiers, and RECEIVE
 * COPY RESULTS (SPC-4).
 *
 * <p>A parameter list is parsed into segments, and these are copied step by step between disks that
 * the {@link io.sandrift.server.scsi.copy.DiskDirectory} finds. Called by the disk's nexuses;
 * copies go on the block units' executor. Imports the block commands' unit and the SPC formats.
 */
@NullMarked
package io.sandrift.server.scsi.copy;

import org.jspecify.annotations.NullMarked;
