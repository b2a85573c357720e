package io.sandrift.server.admin;

import io.javalin.http.Context;
import io.sandrift.volume.dashboard.DashboardFile;

/**
 * {@code /}: the dashboard. Its files are for anyone; what it shows it asks of the API, with the
 * token of whoever looks.
 */
public final class DashboardResource implements AdminResource {

  /** Scripts and styles of this server alone; nobody may put the page into a frame. */
  private static final String POLICY =
      "default-src 'self'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none';"
          + " base-uri 'none'; form-action 'none'";

  @Override
  public void routes(AdminRoutes routes) {
    for (DashboardFile file : DashboardFile.all()) {
      String path = file.name().equals(DashboardFile.INDEX) ? "/" : "/" + file.name();
      routes.page(path, Role.ANYONE, exchange -> answer(exchange.context(), file));
    }
  }

  private static void answer(Context context, DashboardFile file) {
    context
        .header("Content-Security-Policy", POLICY)
        .header("X-Content-Type-Options", "nosniff")
        .header("Referrer-Policy", "no-referrer")
        .header("Cache-Control", "no-cache")
        .contentType(file.contentType())
        .result(file.bytes());
  }
}
