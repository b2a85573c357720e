/**
 * The full feature phase of an iSCSI session on the target's side (RFC 7143): command window, task
 * set, data transfer, task management, logout.
 *
 * <p>A {@link io.sandrift.server.session.Session} is created by the target when a login has
 * succeeded, and is confined to its connection's event loop. It carries out what the SCSI device
 * server decides: it imports {@code scsi.task}, the iSCSI PDUs and codec, and Netty; it knows
 * neither volumes nor files.
 */
@NullMarked
package io.sandrift.server.session;

import org.jspecify.annotations.NullMarked;
