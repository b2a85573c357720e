package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;

/**
 * One change that somebody asked for, and what came of it.
 *
 * @param server who was asked
 * @param caller who asked
 * @param request method, path and query
 * @param body the body's JSON, without secrets; empty if there was none
 * @param status the answer's HTTP status
 * @param detail why it was refused; empty if it wasn't
 */
record AuditEntry(
    Instant at,
    String server,
    Caller caller,
    String request,
    String body,
    int status,
    String detail) {

  ObjectNode view() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("at", at.toString())
        .put("server", server)
        .put("user", caller.name())
        .put("role", caller.role().toString())
        .put("from", caller.address())
        .put("request", request)
        .put("body", body)
        .put("status", status)
        .put("detail", detail);
  }
}
