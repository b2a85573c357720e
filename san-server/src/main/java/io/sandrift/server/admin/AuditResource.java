package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;

/**
 * {@code /v1/audit}: what was changed through the admin API of any server, and by whom. Each server
 * keeps its own log; whichever is asked gathers them, and says whose it doesn't have.
 */
public final class AuditResource implements AdminResource {

  private static final String TOPIC = "admin.audit";
  private static final int USUAL = 100;

  private final AuditLog log;
  private final ServerStatus status;
  private final PeerQuestions peers;

  /** Answers the others from now on. */
  public AuditResource(AuditLog log, ServerStatus status, PeerQuestions peers) {
    this.log = Objects.requireNonNull(log);
    this.status = Objects.requireNonNull(status);
    this.peers = Objects.requireNonNull(peers);
    peers.serve(TOPIC, (from, question) -> own(AuditQuery.decode(question)));
  }

  @Override
  public void routes(AdminRoutes routes) {
    routes.link("audit", "/v1/audit").get("/v1/audit", Role.ADMIN, this::show);
  }

  private void show(Exchange exchange) {
    exchange.expectParameters("user", "action", "since", "limit");
    AuditQuery query =
        new AuditQuery(
            exchange.parameter("user").orElse(""),
            exchange.parameter("action").orElse(""),
            since(exchange),
            exchange.number("limit", 1, AuditLog.SHOWN, USUAL));
    Gathered gathered = Gathered.ask(status, peers, TOPIC, query.encode());
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode shown = answer.putArray("entries");
    shown.addAll(query.choose(gathered.elements().stream()));
    answer.set("missing", gathered.missing());
    exchange.answer(answer);
  }

  private ArrayNode own(AuditQuery query) {
    return JsonNodeFactory.instance.arrayNode().addAll(log.newest(query));
  }

  private static Instant since(Exchange exchange) {
    String text = exchange.parameter("since").orElse("");
    try {
      return text.isEmpty() ? Instant.EPOCH : Instant.parse(text);
    } catch (DateTimeException e) {
      throw new Problem(
          400,
          "parameter since is '"
              + Exchange.shortened(text)
              + "'; expected a time such as 2026-11-27T04:00:00Z");
    }
  }
}
