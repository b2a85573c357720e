/**
 * The iSCSI target of one server: its portals, the targets that it presents, its connections, and
 * its sessions.
 *
 * <p>The node creates a {@link io.sandrift.server.target.TargetServer}, publishes targets in its
 * {@link io.sandrift.server.target.PresentedTargets} as volumes come and go, and closes it. Each
 * connection is confined to one Netty event loop; the directory and the registry of sessions are
 * safe for all threads. Imports login, session, {@code scsi.task}, the iSCSI codec and Netty.
 */
@NullMarked
package io.sandrift.server.target;

import org.jspecify.annotations.NullMarked;
