/**
 * Samples out and in, through ZooKeeper: each load monitor writes its own, and hears of the
 * others'.
 *
 * <p>Called by the load monitor; delivers on its own thread, {@code load-gossip}. May import
 * Curator; knows nothing of what the numbers mean.
 */
@NullMarked
package io.sandrift.load.gossip;

import org.jspecify.annotations.NullMarked;
