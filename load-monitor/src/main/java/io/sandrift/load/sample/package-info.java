/**
 * What one server measures of itself in one window, as immutable values: the load monitor's metrics
 * (many of them, so that a master can weigh them), the load of each resource, and that of each
 * session.
 *
 * <p>Filled by the server's sampler, carried by the gossip, read by pressure, view and policies. A
 * resource is opaque here: a name and numbers. Imports membership only.
 */
@NullMarked
package io.sandrift.load.sample;

import org.jspecify.annotations.NullMarked;
