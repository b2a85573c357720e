package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.load.membership.ServerId;
import io.sandrift.server.distribution.Assignment;
import io.sandrift.server.distribution.Distribution;
import io.sandrift.server.distribution.SessionInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code /v1/sessions} and {@code /v1/assignments}: who is served where, and why. */
public final class SessionsResource implements AdminResource {

  private static final Duration QUESTION_LIMIT = Duration.ofSeconds(5);

  /** A move's own limits end before. */
  private static final Duration MOVE_LIMIT = Duration.ofSeconds(55);

  private static final int MOST_DECISIONS = 100;
  private static final int MOST_ASSIGNMENTS = 1000;

  private final Distribution distribution;
  private final MoveOperations moves;

  public SessionsResource(Distribution distribution, MoveOperations moves) {
    this.distribution = Objects.requireNonNull(distribution);
    this.moves = Objects.requireNonNull(moves);
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes
        .link("sessions", "/v1/sessions")
        .link("assignments", "/v1/assignments")
        .get("/v1/sessions", Role.VIEWER, this::list)
        .get("/v1/sessions/{id}", Role.VIEWER, this::show)
        .post("/v1/sessions/{id}/move", Role.OPERATOR, this::move)
        .get("/v1/assignments", Role.VIEWER, this::assignments);
  }

  private void list(Exchange exchange) {
    exchange.expectParameters("volume", "server", "client", "after", "limit");
    String volume = exchange.parameter("volume").orElse("");
    String server = exchange.parameter("server").orElse("");
    String client = exchange.parameter("client").orElse("");
    List<SessionInfo> sessions =
        Settled.within(distribution.sessions(), QUESTION_LIMIT).stream()
            .filter(each -> volume.isEmpty() || each.volume().equals(volume))
            .filter(each -> server.isEmpty() || each.server().equals(server))
            .filter(each -> client.isEmpty() || each.client().equals(client))
            .sorted(Comparator.comparing(SessionInfo::id))
            .toList();
    exchange.answer(
        exchange.page().of("sessions", sessions, SessionInfo::id, SessionsResource::view));
  }

  private void show(Exchange exchange) {
    exchange.expectParameters();
    exchange.answer(detailed(exchange.path("id")));
  }

  private ObjectNode detailed(String id) {
    SessionInfo session =
        Settled.within(distribution.session(id), QUESTION_LIMIT)
            .orElseThrow(() -> new Problem(404, "there is no session '" + id + "'"));
    ObjectNode view = view(session);
    var decisions = view.putArray("decisions");
    Settled.within(distribution.assignments(id, MOST_DECISIONS), QUESTION_LIMIT)
        .forEach(each -> decisions.add(view(each)));
    return view;
  }

  private void move(Exchange exchange) {
    exchange.expectParameters();
    RequestBody body = exchange.body("to", "reason");
    ServerId to;
    try {
      to = new ServerId(body.text("to"));
    } catch (IllegalArgumentException e) {
      throw new Problem(422, String.valueOf(e.getMessage()));
    }
    String id = exchange.path("id");
    String reason = body.text("reason", "asked for by an administrator");
    if (exchange.isInAHurry()) {
      ObjectNode session = detailed(id);
      exchange.accepted(
          moves.begin(id, to, reason, exchange.caller().name(), exchange.trace()), session);
      return;
    }
    Settled.within(distribution.transfer(id, to, reason, exchange.trace()), MOVE_LIMIT);
    exchange.answer(detailed(id));
  }

  private void assignments(Exchange exchange) {
    exchange.expectParameters("session", "designations", "limit");
    ObjectNode view = JsonNodeFactory.instance.objectNode();
    var list = view.putArray("assignments");
    int most = exchange.number("limit", 1, MOST_ASSIGNMENTS, MOST_DECISIONS);
    String session = exchange.parameter("session").orElse("");
    boolean ofDesignations = exchange.flag("designations");
    if (ofDesignations && !session.isEmpty()) {
      throw new Problem(400, "who became intake or master is no session's; leave out 'session'");
    }
    List<Assignment> found =
        ofDesignations
            ? distribution.designations(most)
            : Settled.within(distribution.assignments(session, most), QUESTION_LIMIT);
    found.forEach(each -> list.add(view(each)));
    exchange.answer(view);
  }

  private static ObjectNode view(SessionInfo session) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("id", session.id())
            .put("client", session.client())
            .put("isid", session.isid())
            .put("address", session.address())
            .put("volume", session.volume())
            .put("target", session.target())
            .put("serviceClass", session.service())
            .put("server", session.server())
            .put("since", Instant.ofEpochMilli(session.sinceMillis()).toString())
            .put("commands", session.commands())
            .put("bytesRead", session.bytesRead())
            .put("bytesWritten", session.bytesWritten())
            .put("movingTo", session.movingTo());
    @Nullable Assignment why = session.why();
    view.set("why", why == null ? null : view(why));
    return view;
  }

  private static ObjectNode view(Assignment each) {
    ObjectNode view =
        JsonNodeFactory.instance
            .objectNode()
            .put("at", Instant.ofEpochMilli(each.atMillis()).toString())
            .put("kind", each.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .put("session", each.session())
            .put("client", each.client())
            .put("volume", each.volume())
            .put("serviceClass", each.service())
            .put("from", each.from())
            .put("to", each.to())
            .put("policy", each.policy())
            .put("by", each.by())
            .put("reason", each.reason())
            .put("trace", each.trace() == null ? "" : each.trace());
    ObjectNode numbers = view.putObject("numbers");
    each.numbers().forEach(numbers::put);
    return view;
  }
}
