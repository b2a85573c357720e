package io.sandrift.server.admin;

import io.sandrift.server.measure.PrometheusPage;
import java.util.Objects;

/** {@code /metrics}: the server's metrics, as Prometheus reads them. */
public final class MetricsResource implements AdminResource {

  private final PrometheusPage page;

  public MetricsResource(PrometheusPage page) {
    this.page = Objects.requireNonNull(page);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("metrics", "/metrics")
        .get(
            "/metrics",
            Role.VIEWER,
            exchange -> exchange.context().contentType(page.contentType()).result(page.bytes()));
  }
}
