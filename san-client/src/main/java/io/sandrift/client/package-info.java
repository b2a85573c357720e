/**
 * An iSCSI initiator as a library: {@link io.sandrift.client.BlockDevice} over a session that finds
 * its way by itself.
 *
 * <p>Programs open devices with {@link io.sandrift.client.Initiator}. A session is confined to one
 * Netty event loop; devices may be used by any thread. What is decided without I/O (the login's
 * steps, the order of portals) is in classes that know no socket. Imports the iSCSI packages and
 * Netty.
 */
@NullMarked
package io.sandrift.client;

import org.jspecify.annotations.NullMarked;
