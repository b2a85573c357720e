/**
 * Client distribution: by which server each client is served, from its login on and while it lasts.
 *
 * <pre>
 *   target ──login──▶ Distribution ──▶ Whereabouts: expected here, or on the way? ──▶ here, there
 *                         │
 *                         ├─▶ SlaveRole ──▶ Selection: the policy of the volume's type of service
 *                         │       └───────▶ the master's MasterRole ──▶ its Selection
 *                         │                    then a place is reserved at the selected server
 *                         ├─▶ Links: here, redirect, relay
 *                         └─▶ Moves ──▶ Handover: established sessions, by Balancer, Draining or anyone
 * </pre>
 *
 * <p>Created, started and closed by the node; asked by the target on its event loops and by the
 * admin API on its threads. All decisions are taken on one thread, {@code distribution}; requests
 * to ZooKeeper that wait are made on another. Imports policy, target, session, peer's calls, the
 * load monitor's view and Curator.
 */
@NullMarked
package io.sandrift.server.distribution;

import org.jspecify.annotations.NullMarked;
