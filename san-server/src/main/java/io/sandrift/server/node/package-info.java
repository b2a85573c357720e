/**
 * One server from start to stop: its data directory, its ZooKeeper, and the wiring of every part to
 * the others.
 *
 * <p>Called by the commands {@code server} and {@code demo}, on their thread. May import everything
 * in this module; nothing but the commands imports it.
 */
@NullMarked
package io.sandrift.server.node;

import org.jspecify.annotations.NullMarked;
