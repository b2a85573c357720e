package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.pressure.Pressure;
import io.sandrift.load.sample.ResourceLoad;
import io.sandrift.load.sample.Sample;
import io.sandrift.load.sample.SessionLoad;
import io.sandrift.load.service.InstanceRating;
import io.sandrift.load.service.NodeReport;
import io.sandrift.load.view.ServerLoad;
import io.sandrift.load.view.ServerPoint;
import io.sandrift.load.view.SystemLoad;
import io.sandrift.load.view.TrendPoint;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Supplier;

/** {@code /v1/load}: the load of the whole system, as the server that answers sees it. */
public final class LoadResource implements AdminResource {

  private static final int MAX_POINTS = 600;

  private final Supplier<SystemLoad> load;
  private final Supplier<List<TrendPoint>> trend;
  private final Supplier<List<NodeReport>> nodes;

  /**
   * @param trend how the load varied lately, oldest first
   * @param nodes the machines whose control processes report them, by name
   */
  public LoadResource(
      Supplier<SystemLoad> load,
      Supplier<List<TrendPoint>> trend,
      Supplier<List<NodeReport>> nodes) {
    this.nodes = Objects.requireNonNull(nodes);
    this.load = Objects.requireNonNull(load);
    this.trend = Objects.requireNonNull(trend);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("load", "/v1/load")
        .get(
            "/v1/load",
            Role.VIEWER,
            exchange -> {
              exchange.expectParameters("details");
              ObjectNode view = view(load.get(), exchange.flag("details"));
              ArrayNode list = view.putArray("nodes");
              nodes.get().forEach(node -> list.add(node(node)));
              exchange.answer(view);
            })
        .get(
            "/v1/load/history",
            Role.VIEWER,
            exchange -> {
              exchange.expectParameters("points");
              int most = exchange.number("points", 1, MAX_POINTS, MAX_POINTS);
              exchange.answer(history(trend.get(), most));
            });
  }

  /**
   * The load as JSON.
   *
   * @param hasDetails with each server's heaviest resources and sessions
   */
  public static ObjectNode view(SystemLoad load, boolean hasDetails) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("at", load.at().toString())
            .put("mean", rounded(load.mean()))
            .put("max", rounded(load.max()))
            .put("imbalance", rounded(load.imbalance()));
    ArrayNode servers = view.putArray("servers");
    load.servers().values().forEach(server -> servers.add(server(server, hasDetails)));
    return view;
  }

  private static ObjectNode server(ServerLoad server, boolean hasDetails) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("server", server.server().value())
            .put("liveness", lowerCase(server.liveness()))
            .put("draining", server.isDraining());
    server.services().stream().sorted().forEach(view.putArray("services")::add);
    view.put("heardAt", server.heardAt().toString())
        .put("pressure", rounded(server.pressure().value()))
        .put("predicted", rounded(server.predicted()))
        .put("limitedBy", lowerCase(server.pressure().largest()));
    ObjectNode parts = view.putObject("parts");
    for (Pressure.Part part : Pressure.Part.values()) {
      parts.put(lowerCase(part), rounded(server.pressure().parts().getOrDefault(part, 0.0)));
    }
    view.put("sessions", server.sessions());
    Sample sample = server.sample();
    if (sample == null) {
      return view;
    }
    view.put("inFlight", rounded(sample.inFlight()))
        .put("knee", rounded(sample.knee()))
        .put("readsPerSecond", rounded(sample.readsPerSecond()))
        .put("writesPerSecond", rounded(sample.writesPerSecond()))
        .put("readBytesPerSecond", Math.round(sample.readBytesPerSecond()))
        .put("writtenBytesPerSecond", Math.round(sample.writtenBytesPerSecond()))
        .put("latencyP50Micros", rounded(sample.latencyP50Micros()))
        .put("latencyP99Micros", rounded(sample.latencyP99Micros()))
        .put("unloadedP99Micros", rounded(sample.unloadedP99Micros()))
        .put("cpu", rounded(sample.cpu()))
        .put("network", rounded(sample.network()))
        .put("dirtyBytes", sample.dirtyBytes())
        .put("flushMillis", rounded(sample.flushMillis()))
        .put("storeStalled", rounded(sample.storeStalled()))
        .put("gcPause", rounded(sample.gcPause()))
        .put("usedBytes", sample.usedBytes())
        .put("capacityBytes", sample.capacityBytes());
    if (hasDetails) {
      ArrayNode resources = view.putArray("resources");
      sample.resources().forEach(resource -> resources.add(resource(resource)));
      ArrayNode clients = view.putArray("clients");
      sample.clients().forEach(client -> clients.add(client(client)));
    }
    return view;
  }

  private static ObjectNode node(NodeReport node) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("node", node.node())
            .put("at", node.at().toString())
            .put("load", rounded(node.load()));
    ArrayNode instances = view.putArray("instances");
    for (InstanceRating instance : node.instances()) {
      instances
          .addObject()
          .put("server", instance.instance().value())
          .put("status", lowerCase(instance.status()))
          .put("pressure", rounded(instance.pressure()))
          .put("rating", rounded(instance.rating()));
    }
    return view;
  }

  private static ObjectNode resource(ResourceLoad load) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("resource", load.resource())
        .put("operationsPerSecond", rounded(load.operationsPerSecond()))
        .put("bytesPerSecond", Math.round(load.bytesPerSecond()))
        .put("queue", rounded(load.queue()));
  }

  private static ObjectNode client(SessionLoad load) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("session", load.session())
            .put("client", load.client())
            .put("service", load.service())
            .put("since", load.since().toString())
            .put("operationsPerSecond", rounded(load.operationsPerSecond()))
            .put("bytesPerSecond", Math.round(load.bytesPerSecond()))
            .put("queue", rounded(load.queue()));
    ObjectNode locality = view.putObject("locality");
    load.locality().forEach((server, share) -> locality.put(server.value(), rounded(share)));
    return view;
  }

  private static ObjectNode history(List<TrendPoint> points, int most) {
    ObjectNode view = JsonNodeFactory.instance.objectNode();
    ArrayNode list = view.putArray("points");
    for (TrendPoint point : points.subList(Math.max(0, points.size() - most), points.size())) {
      ObjectNode one =
          list.addObject()
              .put("at", point.at().toString())
              .put("mean", rounded(point.mean()))
              .put("max", rounded(point.max()))
              .put("imbalance", rounded(point.imbalance()))
              .put("sessions", point.sessions());
      ObjectNode servers = one.putObject("servers");
      point.servers().forEach((server, was) -> servers.set(server.value(), point(was)));
    }
    return view;
  }

  private static ObjectNode point(ServerPoint point) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("pressure", rounded(point.pressure().value()))
            .put("operationsPerSecond", rounded(point.operationsPerSecond()))
            .put("bytesPerSecond", Math.round(point.bytesPerSecond()));
    ObjectNode parts = view.putObject("parts");
    point.pressure().parts().forEach((part, value) -> parts.put(lowerCase(part), rounded(value)));
    return view;
  }

  /** Three decimals are more than anybody can measure. */
  private static double rounded(double value) {
    return Math.rint(value * 1000) / 1000;
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
