/**
 * Moves partitions from server to server while they are in use, and carries out the plans that
 * ZooKeeper holds.
 *
 * <pre>
 *  source                                             destination
 *    │ begin ─────────────────────────────────────────▶ room? clear what is left of earlier copies
 *    │ data, data, … (changes are noted meanwhile) ───▶ write
 *    │ data of what changed, round after round ───────▶ write
 *    │ freeze: requests are held; the last changes ───▶ write
 *    │ seal (with the nexuses' epochs) ───────────────▶ no more data; flush; fence
 *    │ compare-and-set of the partition map             (from here on it is the owner)
 *    │ held requests are answered with MOVED
 *    │ commit ────────────────────────────────────────▶ read the map, open
 *    │ free its extents
 * </pre>
 *
 * <p>The map alone says who is the owner, so there is one at every moment; and only the owner gives
 * a partition away. A copy that doesn't end in the map is nothing: whoever holds it frees it, after
 * the owner has said that it is not making that move any more.
 *
 * <p>Wired by the node, asked by admin. Moves are made on a thread of this package, calls answered
 * on event loops. Imports block, peer and volume-manager; knows neither SCSI nor iSCSI.
 */
@NullMarked
package io.sandrift.server.repartition;

import org.jspecify.annotations.NullMarked;
