/**
 * The load of the whole system as one server sees it: immutable snapshots.
 *
 * <p>Made by the load monitor from gossip and reservations, read by the distribution policies, the
 * admin API and the dashboard, on any thread. Imports membership, sample and pressure.
 */
@NullMarked
package io.sandrift.load.view;

import org.jspecify.annotations.NullMarked;
