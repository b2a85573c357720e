package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Objects;

/** {@code /v1/users}: who may use the API; and {@code /v1/whoami}. */
public final class UsersResource implements AdminResource {

  private final Users users;
  private final InstantSource clock;

  public UsersResource(Users users, InstantSource clock) {
    this.users = Objects.requireNonNull(users);
    this.clock = Objects.requireNonNull(clock);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("users", "/v1/users")
        .link("whoami", "/v1/whoami")
        .get("/v1/whoami", Role.VIEWER, UsersResource::whoami)
        .get("/v1/users", Role.ADMIN, this::list)
        .post("/v1/users", Role.ADMIN, this::create)
        .delete("/v1/users/{user}", Role.ADMIN, this::delete)
        .post("/v1/users/{user}/token", Role.ADMIN, this::rotate);
  }

  private static void whoami(Exchange exchange) {
    exchange.answer(
        JsonNodeFactory.instance
            .objectNode()
            .put("name", exchange.caller().name())
            .put("role", exchange.caller().role().toString()));
  }

  private void list(Exchange exchange) {
    exchange.expectParameters("after", "limit");
    exchange.answer(
        exchange.page().of("users", users.list(), User::name, user -> (JsonNode) view(user)));
  }

  private void create(Exchange exchange) {
    RequestBody body = exchange.body("name", "role");
    String token = Tokens.make();
    User user;
    try {
      var now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
      user = new User(body.text("name"), role(body.text("role")), Tokens.hash(token), now, now);
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
    if (!users.add(user)) {
      throw new Problem(
          409,
          "user-exists",
          "there is a user '"
              + user.name()
              + "' already, and the token can't be shown again; rotate it for a new one");
    }
    exchange.secret();
    exchange.created("/v1/users/" + user.name(), view(user).put("token", token));
  }

  private void delete(Exchange exchange) {
    User user = find(exchange);
    if (!users.remove(user.name())) {
      throw missing(user.name());
    }
    exchange.done();
  }

  private void rotate(Exchange exchange) {
    User user = find(exchange);
    String token = Tokens.make();
    User changed =
        new User(
            user.name(),
            user.role(),
            Tokens.hash(token),
            user.created(),
            clock.instant().truncatedTo(ChronoUnit.MILLIS));
    if (!users.replace(changed)) {
      throw missing(user.name());
    }
    exchange.secret();
    exchange.answer(view(changed).put("token", token));
  }

  private User find(Exchange exchange) {
    String name = exchange.path("user");
    return users.list().stream()
        .filter(user -> user.name().equals(name))
        .findFirst()
        .orElseThrow(() -> missing(name));
  }

  private static Problem missing(String name) {
    return new Problem(404, "there is no user '" + Exchange.shortened(name) + "'");
  }

  private static Role role(String text) {
    for (Role role : Role.values()) {
      if (role != Role.ANYONE && role.toString().equals(text.toLowerCase(Locale.ROOT))) {
        return role;
      }
    }
    throw new IllegalArgumentException(
        "role '" + Exchange.shortened(text) + "' is none of viewer, operator, admin");
  }

  private static ObjectNode view(User user) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("name", user.name())
        .put("role", user.role().toString())
        .put("created", user.created().toString())
        .put("rotated", user.rotated().toString());
  }
}
