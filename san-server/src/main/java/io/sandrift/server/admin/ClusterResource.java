package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import io.sandrift.volume.catalog.Volume;
import io.sandrift.volume.catalog.VolumeCatalog;
import io.sandrift.volume.partition.PartitionEntry;
import io.sandrift.volume.partition.PartitionMaps;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** {@code /v1/cluster}: all servers, and what is wrong with them in words. */
public final class ClusterResource implements AdminResource {

  /** A store that is fuller than this is a problem, in hundredths. */
  private static final int FULL = 90;

  /** So many volumes' maps are looked at for servers that aren't there. */
  private static final int VOLUMES_LOOKED_AT = 500;

  private final ServerStatus status;
  private final Shares shares;
  private final VolumeCatalog catalog;
  private final PartitionMaps maps;
  private final Coordination coordination;
  private final ClusterRoles roles;

  public ClusterResource(
      ServerStatus status,
      Shares shares,
      VolumeCatalog catalog,
      PartitionMaps maps,
      Coordination coordination,
      ClusterRoles roles) {
    this.status = Objects.requireNonNull(status);
    this.shares = Objects.requireNonNull(shares);
    this.catalog = Objects.requireNonNull(catalog);
    this.maps = Objects.requireNonNull(maps);
    this.coordination = Objects.requireNonNull(coordination);
    this.roles = Objects.requireNonNull(roles);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes.link("cluster", "/v1/cluster").get("/v1/cluster", Role.VIEWER, this::show);
  }

  private void show(Exchange exchange) {
    exchange.expectParameters();
    List<String> problems = new ArrayList<>();
    coordination.trouble().ifPresent(problems::add);
    List<Member> members = status.members();
    Map<ServerId, PeerQuestions.Reply> stores = shares.stores();
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    answer.put("health", "ok").put("answeredBy", status.self().id().value());
    ArrayNode words = answer.putArray("problems");
    ObjectNode zookeeper = answer.putObject("zookeeper");
    zookeeper
        .put("connect", coordination.connectString())
        .put("connected", coordination.awaySince().isEmpty());
    coordination.awaySince().ifPresent(since -> zookeeper.put("awaySince", since.toString()));
    ArrayNode servers = answer.putArray("servers");
    for (Member member : members) {
      PeerQuestions.Reply reply = stores.getOrDefault(member.id(), NOT_ASKED);
      servers.add(server(member, reply, problems));
    }
    versions(members, problems);
    boolean isFailing = missing(members, servers, problems);
    problems.forEach(words::add);
    answer.put("health", isFailing ? "failing" : problems.isEmpty() ? "ok" : "degraded");
    exchange.answer(answer);
  }

  private static final PeerQuestions.Reply NOT_ASKED =
      new PeerQuestions.Reply(null, "it joined while this was asked");

  private ObjectNode server(Member member, PeerQuestions.Reply reply, List<String> problems) {
    ObjectNode view = Views.member(member);
    roles.of(member.id()).forEach(view.putArray("roles")::add);
    JsonNode store = reply.view();
    if (store == null) {
      problems.add(reply.missing());
      return view.put("health", "silent").put("missing", reply.missing());
    }
    long capacity = store.path("capacityBytes").asLong();
    long allocated = store.path("allocatedBytes").asLong();
    view.put("health", "ok")
        .put("capacityBytes", capacity)
        .put("allocatedBytes", allocated)
        .put("sessions", store.path("sessions").asInt());
    if (capacity > 0 && allocated / (double) capacity * 100 > FULL) {
      view.put("health", "full");
      problems.add(
          "server "
              + member.id()
              + " has used "
              + Math.round(allocated / (double) capacity * 100)
              + " % of its space; delete or move something, or add a server");
    }
    return view;
  }

  private static void versions(List<Member> members, List<String> problems) {
    Map<String, List<String>> byVersion =
        members.stream()
            .collect(
                Collectors.groupingBy(
                    Member::version,
                    TreeMap::new,
                    Collectors.mapping(member -> member.id().value(), Collectors.toList())));
    if (byVersion.size() > 1) {
      problems.add(
          "the servers run different versions, which is for the time of an upgrade only: "
              + byVersion.entrySet().stream()
                  .map(entry -> entry.getKey() + " at " + String.join(", ", entry.getValue()))
                  .collect(Collectors.joining("; ")));
    }
  }

  /**
   * Adds the servers that hold partitions and aren't registered.
   *
   * @return whether there are any
   */
  private boolean missing(List<Member> members, ArrayNode servers, List<String> problems) {
    if (coordination.awaySince().isPresent()) {
      return false;
    }
    Set<ServerId> present = members.stream().map(Member::id).collect(Collectors.toSet());
    Map<ServerId, Lost> lost = new TreeMap<>();
    try {
      catalog.list().stream()
          .limit(VOLUMES_LOOKED_AT)
          .forEach(volume -> look(volume, present, lost));
    } catch (CatalogException e) {
      problems.add("the volumes can't be looked at: " + e.getMessage());
    }
    lost.forEach(
        (server, what) -> {
          servers.add(
              JsonNodeFactory.instance
                  .objectNode()
                  .put("id", server.value())
                  .put("health", "gone")
                  .put("missing", "it isn't registered"));
          problems.add(
              "server "
                  + server
                  + " isn't registered, and holds "
                  + what.partitions
                  + " partitions of "
                  + String.join(", ", what.volumes)
                  + ": I/O to them waits, then is told to try again; start that server");
        });
    return !lost.isEmpty();
  }

  private void look(Volume volume, Set<ServerId> present, Map<ServerId, Lost> lost) {
    maps.find(volume.name())
        .ifPresent(
            map -> {
              for (PartitionEntry entry : map.entries()) {
                if (!present.contains(entry.primary())) {
                  Lost what = lost.computeIfAbsent(entry.primary(), server -> new Lost());
                  what.partitions++;
                  what.volumes.add(volume.name().value());
                }
              }
            });
  }

  /** What lies at a server that isn't there. */
  private static final class Lost {
    private final Set<String> volumes = new TreeSet<>();
    private int partitions;
  }
}
