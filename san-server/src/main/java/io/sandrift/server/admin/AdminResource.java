package io.sandrift.server.admin;

/**
 * One part of the admin API: its routes, and its part of the OpenAPI document.
 *
 * <p>Beside the class lies {@code <SimpleName>.openapi.json} with {@code paths} and {@code
 * components}, which the server merges with the others' (see {@link OpenApi}); a route without a
 * description, or a description without a route, keeps the server from being built.
 */
public interface AdminResource {

  /** Declares what the resource answers; called once, while the server is built. */
  void routes(AdminRoutes routes);
}
