package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.server.trace.Trace;
import java.time.Instant;

/**
 * One change that somebody asked for, and what came of it.
 *
 * @param server who was asked
 * @param caller who asked
 * @param trace what the log lines about it have in common, on all servers
 * @param action what was to be done: the route, such as {@code POST /v1/servers/{id}/drain}
 * @param target what it was to be done to: the values of the route's variables
 * @param request method, path and query, as they were sent
 * @param body the body's JSON, without secrets; empty if there was none
 * @param status the answer's HTTP status
 * @param detail why it was refused; empty if it wasn't
 */
record AuditEntry(
    Instant at,
    String server,
    Caller caller,
    Trace trace,
    String action,
    String target,
    String request,
    String body,
    int status,
    String detail) {

  static AuditEntry of(Instant at, String server, Exchange exchange, int status, String detail) {
    return new AuditEntry(
        at,
        server,
        exchange.caller(),
        exchange.trace(),
        exchange.action(),
        exchange.target(),
        exchange.line(),
        exchange.shownBody(),
        status,
        detail);
  }

  /** The same in short: without what a stranger may have made as long as a request can be. */
  AuditEntry shortened(String detail) {
    return new AuditEntry(
        at,
        server,
        caller,
        trace,
        action,
        Exchange.shortened(target),
        Exchange.shortened(request),
        body,
        status,
        detail);
  }

  /** Whether an entry is of somebody who isn't known. A user whose role is too low is. */
  static boolean isStrangers(JsonNode view) {
    return view.path("user").asText().isEmpty() && view.path("status").asInt() != 403;
  }

  ObjectNode view() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("at", at.toString())
        .put("server", server)
        .put("user", caller.name())
        .put("role", caller.role().toString())
        .put("from", caller.address())
        .put("trace", trace.toString())
        .put("action", action)
        .put("target", target)
        .put("outcome", status < 400 ? "done" : status < 500 ? "refused" : "failed")
        .put("status", status)
        .put("request", request)
        .put("body", body)
        .put("detail", detail);
  }
}
