/**
 * Who may log in to which volume: a list for each, by initiator name and by network, and the CHAP
 * users that must prove themselves. The lists are in ZooKeeper, their secrets sealed with a key
 * that comes of the cluster's secret, and in every server's memory.
 *
 * <p>Started and stopped by the node, asked by the target at each login on its event loop, changed
 * by the admin API on threads that may wait. Imports the login's words and the catalog.
 */
@NullMarked
package io.sandrift.server.access;

import org.jspecify.annotations.NullMarked;
