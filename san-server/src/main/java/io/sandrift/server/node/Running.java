package io.sandrift.server.node;

import io.sandrift.load.membership.Member;
import io.sandrift.server.admin.ServedVolumes;
import io.sandrift.server.distribution.ClientTransfer;
import io.sandrift.server.settings.HostPort;
import io.sandrift.volume.catalog.VolumeCatalog;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a started node runs.
 *
 * @param self the server as the others see it, with the ports that it really has
 * @param peers where it listens for other servers; they may be told another address
 * @param members all servers that are registered now
 * @param zookeeper the ZooKeeper that it uses, and whether that runs inside
 * @param clients for programs inside the server that hand clients over to other servers
 */
public record Running(
    Member self,
    HostPort peers,
    Supplier<List<Member>> members,
    String zookeeper,
    VolumeCatalog catalog,
    ServedVolumes volumes,
    ClientTransfer clients) {}
