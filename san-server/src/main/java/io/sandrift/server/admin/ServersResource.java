package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.Member;
import io.sandrift.load.membership.ServerId;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.DistributionException;
import io.sandrift.server.distribution.SessionInfo;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** {@code /v1/servers}: the servers of the cluster, and emptying one of its sessions. */
public final class ServersResource implements AdminResource {

  private static final Duration QUESTION_LIMIT = Duration.ofSeconds(5);

  private final Distribution distribution;
  private final ServerStatus status;
  private final ServerRemoval removal;

  public ServersResource(Distribution distribution, ServerStatus status, ServerRemoval removal) {
    this.distribution = Objects.requireNonNull(distribution);
    this.status = Objects.requireNonNull(status);
    this.removal = Objects.requireNonNull(removal);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("servers", "/v1/servers")
        .get("/v1/servers", Role.VIEWER, this::list)
        .get("/v1/servers/{id}", Role.VIEWER, this::show)
        .post("/v1/servers/{id}/drain", Role.OPERATOR, exchange -> drain(exchange, true))
        .post("/v1/servers/{id}/undrain", Role.OPERATOR, exchange -> drain(exchange, false))
        .post("/v1/servers/{id}/remove", Role.OPERATOR, this::remove);
  }

  private void list(Exchange exchange) {
    exchange.expectParameters();
    List<SessionInfo> sessions = Settled.within(distribution.sessions(), QUESTION_LIMIT);
    ObjectNode view = JsonNodeFactory.instance.objectNode();
    var servers = view.putArray("servers");
    status.members().forEach(member -> servers.add(view(member, sessions)));
    exchange.answer(view);
  }

  private void show(Exchange exchange) {
    exchange.expectParameters();
    exchange.answer(
        view(member(exchange), Settled.within(distribution.sessions(), QUESTION_LIMIT)));
  }

  private void drain(Exchange exchange, boolean drains) {
    exchange.expectParameters();
    Member member = member(exchange);
    try {
      if (drains) {
        distribution.drain(member.id(), exchange.caller().name());
      } else {
        distribution.undrain(member.id());
      }
    } catch (DistributionException e) {
      throw new Problem(503, String.valueOf(e.getMessage()));
    }
    ObjectNode view = view(member, Settled.within(distribution.sessions(), QUESTION_LIMIT));
    if (drains) {
      exchange.accepted(DrainOperations.id(member.id()), view);
    } else {
      exchange.answer(view);
    }
  }

  private void remove(Exchange exchange) {
    exchange.expectParameters();
    Member member = member(exchange);
    long rate = exchange.body("bytesPerSecond").amount("bytesPerSecond", 0);
    String operation = removal.begin(member.id(), rate, exchange.caller().name());
    exchange.accepted(
        operation, view(member, Settled.within(distribution.sessions(), QUESTION_LIMIT)));
  }

  static String path(ServerId server) {
    return "/v1/servers/" + server;
  }

  private Member member(Exchange exchange) {
    String id = exchange.path("id");
    return status.members().stream()
        .filter(member -> member.id().value().equals(id))
        .findFirst()
        .orElseThrow(() -> new Problem(404, "there is no server '" + id + "'"));
  }

  private ObjectNode view(Member member, List<SessionInfo> sessions) {
    ServerId id = member.id();
    ServerLoad load = distribution.load().find(id);
    ObjectNode view = JsonNodeFactory.instance.objectNode().put("id", id.value());
    member.portals().forEach(view.putArray("portals")::add);
    view.put("admin", member.admin())
        .put("state", load == null ? "starting" : load.liveness().name().toLowerCase(Locale.ROOT))
        .put("draining", distribution.isDraining(id))
        .put("sessions", DrainOperations.count(sessions, id))
        .put("pressure", load == null ? 0 : load.pressure().value())
        .put(
            "master",
            distribution.master().map(master -> master.getKey().equals(id)).orElse(false));
    member.services().stream().sorted().forEach(view.putArray("serviceClasses")::add);
    return view;
  }
}
