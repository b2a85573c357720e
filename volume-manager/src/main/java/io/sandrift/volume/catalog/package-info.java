/**
 * The volumes that exist, in ZooKeeper: what each was created as, and what it is called.
 *
 * <p>Called by the admin API to create, resize and delete, and by the node, which watches it to
 * know what to serve. Reads and changes block on ZooKeeper, so never on an event loop; watchers are
 * called on Curator's cache thread. Imports Curator and Jackson; knows no server.
 */
@NullMarked
package io.sandrift.volume.catalog;

import org.jspecify.annotations.NullMarked;
