/**
 * {@code sandrift simulate}: a cluster of any size in virtual time, for the distribution policies
 * to act upon. The policies are the very classes that run in the servers; servers, clients, gossip
 * and failures are models, and all chance comes from one seed.
 *
 * <p>Called by the root command, on the main thread; a run uses no other thread, no clock and no
 * network. Imports the policies, the load monitor's values and the command line's output formats.
 */
@NullMarked
package io.sandrift.deploy.simulation;

import org.jspecify.annotations.NullMarked;
