/**
 * ★ Where the load score is computed: from a sample, one normalised number per server.
 *
 * <p>Pure: no clock, no thread, no I/O. Called by the load monitor for its own samples and for
 * those that others gossip, and by the simulator. Imports sample only.
 */
@NullMarked
package io.sandrift.load.pressure;

import org.jspecify.annotations.NullMarked;
