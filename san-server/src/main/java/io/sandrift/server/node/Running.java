package io.sandrift.server.node;

import io.sandrift.load.membership.Member;
import io.sandrift.server.admin.ServedVolumes;
import io.sandrift.volume.catalog.VolumeCatalog;

/**
 * What a started node runs.
 *
 * @param self the server as the others see it, with the ports that it really has
 * @param zookeeper the ZooKeeper that it uses, and whether that runs inside
 */
public record Running(
    Member self, String zookeeper, VolumeCatalog catalog, ServedVolumes volumes) {}
