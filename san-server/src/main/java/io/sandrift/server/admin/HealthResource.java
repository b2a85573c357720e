package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * {@code /health/live} and {@code /health/ready}, for whoever restarts servers that hang and sends
 * nobody to servers that can't serve.
 */
public final class HealthResource implements AdminResource {

  private final Supplier<List<String>> obstacles;

  /**
   * @param obstacles what keeps the server from serving initiators now, each in a sentence; empty
   *     when it serves
   */
  public HealthResource(Supplier<List<String>> obstacles) {
    this.obstacles = Objects.requireNonNull(obstacles);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .get(
            "/health/live",
            Role.ANYONE,
            exchange ->
                exchange.answer(JsonNodeFactory.instance.objectNode().put("status", "live")))
        .get(
            "/health/ready",
            Role.ANYONE,
            exchange -> {
              List<String> reasons = obstacles.get();
              ObjectNode view =
                  JsonNodeFactory.instance
                      .objectNode()
                      .put("status", reasons.isEmpty() ? "ready" : "not ready");
              reasons.forEach(view.putArray("reasons")::add);
              exchange.answer(reasons.isEmpty() ? 200 : 503, view);
            });
  }
}
