package io.sandrift.server.node;

import io.sandrift.iscsi.text.TargetAddress;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.Membership;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.service.InstanceRating;
import io.sandrift.load.service.NodeReport;
import io.sandrift.load.view.Expected;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.server.distribution.Surroundings;
import io.sandrift.server.settings.HostPort;
import io.sandrift.server.target.TargetServer;
import io.sandrift.volume.partition.PartitionMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What client distribution knows of this server and the others. Safe for all threads. */
final class NodeDistribution implements Surroundings {

  private final ServerId self;
  private final Membership membership;
  private final NodeLoad load;
  private final Function<String, @Nullable PartitionMap> maps;

  /**
   * @param maps the partition map of the volume behind a target, or null
   */
  NodeDistribution(
      ServerId self,
      Membership membership,
      NodeLoad load,
      Function<String, @Nullable PartitionMap> maps) {
    this.self = self;
    this.membership = membership;
    this.load = load;
    this.maps = maps;
  }

  @Override
  public ServerId self() {
    return self;
  }

  @Override
  public List<ServerId> members() {
    return membership.members().stream().map(Member::id).toList();
  }

  @Override
  public Optional<TargetAddress> portal(ServerId server) {
    return membership.find(server).map(NodeDistribution::portal);
  }

  @Override
  public Set<String> services(ServerId server) {
    return membership.find(server).map(Member::services).orElse(Set.of());
  }

  /** As its control process reports it; without one, where other servers reach it. */
  @Override
  public String node(ServerId server) {
    return load.nodes()
        .nodeOf(server)
        .map(NodeReport::node)
        .or(() -> membership.find(server).map(member -> HostPort.parse(member.peer()).host()))
        .orElse(server.value());
  }

  @Override
  public double rating(ServerId server) {
    return load.nodes()
        .nodeOf(server)
        .map(node -> node.find(server))
        .map(InstanceRating::rating)
        .orElse(1.0);
  }

  @Override
  public SystemLoad load() {
    return load.get();
  }

  @Override
  public void expect(Expected session) {
    load.monitor().expect(session);
  }

  @Override
  public void expectNoMore(String session) {
    load.monitor().expectNoMore(session);
  }

  @Override
  public Map<ServerId, Double> locality(String targetName) {
    PartitionMap map = maps.apply(targetName);
    if (map == null) {
      return Map.of();
    }
    Map<ServerId, Double> shares = new HashMap<>();
    map.entries().forEach(entry -> shares.merge(entry.primary(), 1.0 / map.size(), Double::sum));
    return shares;
  }

  /** A portal on all interfaces is reached where the server listens for other servers. */
  private static TargetAddress portal(Member member) {
    HostPort portal = HostPort.parse(member.portals().get(0));
    boolean isAny = portal.host().equals("0.0.0.0") || portal.host().equals("::");
    String host = isAny ? HostPort.parse(member.peer()).host() : portal.host();
    return new TargetAddress(host, portal.port(), TargetServer.PORTAL_GROUP_TAG);
  }
}
