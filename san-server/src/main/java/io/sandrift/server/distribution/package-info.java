/**
 * Client distribution: by which server each client is served, from its login on and while it lasts.
 *
 * <pre>
 *   target ──login──▶ Distribution ──▶ Allocator: the policy of the volume's type of service
 *                         │                │ by itself, or by the master (Mastership), or the intake (Intakes)
 *                         │                ▼
 *                         │            Reservations at the selected server, then: here, redirect, relay
 *                         └──▶ Handover: moves of established sessions, by Balancer, drain or anyone
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
