package io.sandrift.server.admin;

import java.util.Objects;

/** {@code /v1/server}: the server that answers. */
public final class ServerResource implements AdminResource {

  private final ServerStatus status;

  public ServerResource(ServerStatus status) {
    this.status = Objects.requireNonNull(status);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("server", "/v1/server")
        .get("/v1/server", Role.VIEWER, exchange -> exchange.answer(Views.server(status)));
  }
}
