/**
 * What the log lines of one login, one move or one request of the admin API have in common, on
 * whichever servers they are written.
 *
 * <p>Used by whoever carries such a thing on: admin, distribution, target, node and peer. Values
 * alone, for all threads; imports nothing of Sandrift's.
 */
@NullMarked
package io.sandrift.server.trace;

import org.jspecify.annotations.NullMarked;
