package io.sandrift.server.admin;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.HttpStatus;
import java.util.Locale;

/**
 * A request that ends with an error: the HTTP status and a sentence that says what is wrong and
 * what to do. It is the one thing that endpoints throw, and becomes an {@code
 * application/problem+json} (RFC 9457).
 */
public final class Problem extends RuntimeException {

  /** What problem types' names begin with; docs/api.md lists them. */
  static final String TYPES = "urn:sandrift:problem:";

  private final int status;
  private final String type;

  /**
   * @param status 400 to 599; the type is named after it
   * @param detail what is wrong and what to do, without a full stop
   */
  public Problem(int status, String detail) {
    this(status, slug(status), detail);
  }

  /**
   * @param type a word for programs to tell this problem by, such as {@code volume-in-use}; it
   *     never changes its meaning
   */
  public Problem(int status, String type, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.type = type;
  }

  public int status() {
    return status;
  }

  /** The word for programs. */
  public String type() {
    return type;
  }

  /** As RFC 9457 wants it. */
  ObjectNode view() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("type", TYPES + type)
        .put("title", HttpStatus.forStatus(status).getMessage())
        .put("status", status)
        .put("detail", String.valueOf(getMessage()));
  }

  /** {@code not-found} for 404. */
  private static String slug(int status) {
    return HttpStatus.forStatus(status)
        .getMessage()
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^a-z]+", "-");
  }
}
