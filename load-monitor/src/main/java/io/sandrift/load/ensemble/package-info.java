/**
 * The way to ZooKeeper: where the ensemble is, how its links are protected, who this process is
 * there, and who may see the cluster's znodes. Every Curator client of every process is made here.
 *
 * <p>Called by the node, the control process and the benches, on the thread that starts them. May
 * import Curator and ZooKeeper; knows nothing of what is kept there.
 */
@NullMarked
package io.sandrift.load.ensemble;

import org.jspecify.annotations.NullMarked;
