/**
 * Sockets that listen, for iSCSI portals and for other servers: their options, and why one can't be
 * opened in words.
 *
 * <p>Called by target and peer while the server starts. Imports Netty alone.
 */
@NullMarked
package io.sandrift.server.listen;

import org.jspecify.annotations.NullMarked;
