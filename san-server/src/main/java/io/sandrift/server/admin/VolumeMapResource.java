package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMap;
import io.sandrift.volume.partition.PartitionMaps;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code /v1/volumes/{name}/map}: which server holds which partition. */
public final class VolumeMapResource implements AdminResource {

  private final VolumeCatalog catalog;
  private final PartitionMaps maps;
  private final Shares shares;
  private final Coordination coordination;

  public VolumeMapResource(
      VolumeCatalog catalog, PartitionMaps maps, Shares shares, Coordination coordination) {
    this.catalog = Objects.requireNonNull(catalog);
    this.maps = Objects.requireNonNull(maps);
    this.shares = Objects.requireNonNull(shares);
    this.coordination = Objects.requireNonNull(coordination);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes.get("/v1/volumes/{name}/map", Role.VIEWER, this::show);
  }

  private void show(Exchange exchange) {
    exchange.expectParameters();
    coordination.require();
    Volume volume = VolumesResource.find(exchange, catalog);
    PartitionMap map =
        maps.find(volume.name())
            .orElseThrow(
                () ->
                    new Problem(
                        409,
                        "not-placed",
                        "volume '" + volume.name() + "' isn't placed yet; repeat in a moment"));
    exchange.answer(view(volume, map, shares.of(volume.id())));
  }

  private static ObjectNode view(
      Volume volume, PartitionMap map, Map<ServerId, Shares.Share> shares) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("volume", volume.name().value())
            .put("version", map.version());
    Map<ServerId, Integer> counts = new TreeMap<>();
    shares.forEach(
        (server, share) -> {
          if (share.allocatedBytes() > 0) {
            counts.put(server, 0);
          }
        });
    map.entries().forEach(entry -> counts.merge(entry.primary(), 1, Integer::sum));
    ArrayNode servers = view.putArray("servers");
    counts.forEach(
        (server, partitions) ->
            servers.add(server(volume, server, partitions, shares.get(server))));
    ArrayNode partitions = view.putArray("partitions");
    for (int partition = 0; partition < map.size(); partition++) {
      PartitionEntry entry = map.entry(partition);
      ObjectNode element =
          partitions
              .addObject()
              .put("partition", partition)
              .put("server", entry.primary().value())
              .put("epoch", entry.epoch());
      ArrayNode replicas = element.putArray("replicas");
      ArrayNode inSync = element.putArray("inSync");
      entry.replicas().forEach(replica -> replicas.add(replica.value()));
      entry.inSync().forEach(replica -> inSync.add(replica.value()));
    }
    return view;
  }

  private static ObjectNode server(
      Volume volume, ServerId server, int partitions, Shares.@Nullable Share share) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("server", server.value())
            .put("partitions", partitions);
    if (share == null) {
      return view.put("missing", "server " + server + " isn't registered");
    }
    if (!share.missing().isEmpty()) {
      return view.put("missing", share.missing());
    }
    return view.put("extents", share.allocatedBytes() / volume.spec().stripeUnitBytes())
        .put("allocatedBytes", share.allocatedBytes());
  }
}
