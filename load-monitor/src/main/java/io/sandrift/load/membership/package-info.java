/**
 * Who is in the cluster, and where: the identity of a server and its presence in ZooKeeper.
 *
 * <p>Called by the node when it starts and stops, and by whoever needs the list of members. May
 * import Curator; knows nothing of volumes.
 */
@NullMarked
package io.sandrift.load.membership;

import org.jspecify.annotations.NullMarked;
