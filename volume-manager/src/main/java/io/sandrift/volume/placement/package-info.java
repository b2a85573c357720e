/**
 * Choosing the servers of a partition. Pure arithmetic: no I/O, no clock, no state.
 *
 * <p>Called wherever a partition map is made or changed, on any thread. Imports load-monitor's
 * {@code ServerId} and the catalog's {@code VolumeId}.
 */
@NullMarked
package io.sandrift.volume.placement;

import org.jspecify.annotations.NullMarked;
