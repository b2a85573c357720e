/**
 * ★ Who is served where: the policies. Pure: (request, system load, own state, time) → decision; no
 * I/O, no threads, no ZooKeeper, no clock of their own.
 *
 * <p>The same classes run in the server, in tests and in the simulator. Called by distribution, on
 * one thread at a time for each policy object. Imports load-monitor's values (view, sample,
 * pressure, server ids) only.
 */
@NullMarked
package io.sandrift.server.distribution.policy;

import org.jspecify.annotations.NullMarked;
