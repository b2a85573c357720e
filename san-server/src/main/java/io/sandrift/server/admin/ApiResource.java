package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** {@code /v1}, its description, and whether the server answers at all. */
final class ApiResource implements AdminResource {

  private ObjectNode links = JsonNodeFactory.instance.objectNode();
  private ObjectNode document = JsonNodeFactory.instance.objectNode();

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("openapi", "/v1/openapi.json")
        .link("health", "/health")
        .get("/v1", Role.ANYONE, exchange -> exchange.answer(links))
        .get("/v1/openapi.json", Role.ANYONE, exchange -> exchange.answer(document))
        .get(
            "/health",
            Role.ANYONE,
            exchange -> exchange.answer(JsonNodeFactory.instance.objectNode().put("status", "up")));
  }

  /** Takes what is known only when all routes are; called before the server listens. */
  void complete(AdminRoutes routes, ObjectNode description) {
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    routes.links().forEach(all::put);
    links = all;
    document = description;
  }
}
