package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import java.util.List;
import java.util.Optional;

/**
 * What a plan is made from.
 *
 * @param servers the ones that are alive, each once
 * @param volumes all volumes, each once
 */
public record ClusterStanding(List<ServerStanding> servers, List<VolumeStanding> volumes) {

  public ClusterStanding {
    servers = List.copyOf(servers);
    volumes = List.copyOf(volumes);
  }

  /** The live server of that id. */
  public Optional<ServerStanding> server(ServerId id) {
    return servers.stream().filter(server -> server.id().equals(id)).findFirst();
  }
}
