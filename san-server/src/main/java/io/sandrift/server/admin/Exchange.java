package io.sandrift.server.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.javalin.http.Context;
import io.sandrift.server.trace.Trace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, as an endpoint sees them. Requests are read strictly, so that a
 * mistyped name is never ignored; answers are JSON, or YAML for who asks for it. Used by the thread
 * that serves the request.
 */
public final class Exchange {

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .build();

  /**
   * What was answered.
   *
   * @param location of what was made; null if nothing was
   */
  record Answer(int status, String contentType, byte[] body, @Nullable String location) {}

  private final Context context;
  private final Caller caller;
  private final Entry entry;
  private final AdminRoutes.Route route;
  private final Trace trace = Trace.begin();
  private byte @Nullable [] bytes;
  private @Nullable RequestBody body;
  private @Nullable Answer answered;
  private boolean isSecret;

  Exchange(Context context, Caller caller, Entry entry, AdminRoutes.Route route) {
    this.context = context;
    this.caller = caller;
    this.entry = entry;
    this.route = route;
    context.header("Trace-Id", trace.toString());
  }

  /**
   * @throws Problem 503 if there are too many streams of events
   */
  void requireRoomForStream() {
    entry.requireRoomForStream();
  }

  /** A stream of events begins as the answer. */
  void opened(EventStream stream) {
    entry.opened(context, stream);
  }

  /** Who asks. */
  public Caller caller() {
    return caller;
  }

  /** Javalin's own view of the request, for pages and streams. */
  public Context context() {
    return context;
  }

  /** The value of a variable of the route's path. */
  public String path(String variable) {
    return context.pathParam(variable);
  }

  /**
   * Refuses every query parameter but these. An endpoint calls it before it acts; without, a
   * mistyped {@code ?force=true} would pass unseen.
   *
   * @throws Problem 400
   */
  public void expectParameters(String... names) {
    Set<String> known = Set.of(names);
    for (String parameter : context.queryParamMap().keySet()) {
      if (!known.contains(parameter)) {
        throw new Problem(
            400,
            "unknown parameter '"
                + shortened(parameter)
                + "'; expected "
                + (names.length == 0
                    ? "none"
                    : "only " + String.join(", ", Arrays.stream(names).sorted().toList())));
      }
    }
  }

  /** A query parameter, if it was given. */
  public Optional<String> parameter(String name) {
    List<String> values = context.queryParams(name);
    if (values.size() > 1) {
      throw new Problem(400, "parameter " + name + " is given more than once");
    }
    return values.stream().findFirst();
  }

  /** A parameter that is {@code true} or {@code false}; false unless given. */
  public boolean flag(String name) {
    return switch (parameter(name).orElse("false")) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new Problem(400, "parameter " + name + " is neither true nor false");
    };
  }

  /** A parameter that is a whole number within limits. */
  public int number(String name, int min, int max, int fallback) {
    Optional<String> text = parameter(name);
    if (text.isEmpty()) {
      return fallback;
    }
    if (text.get().matches("[0-9]{1,9}")) {
      int value = Integer.parseInt(text.get());
      if (value >= min && value <= max) {
        return value;
      }
    }
    throw new Problem(
        400,
        "parameter "
            + name
            + " is '"
            + shortened(text.get())
            + "'; expected a number from "
            + min
            + " to "
            + max);
  }

  /** The part of a list that is asked for, by the parameters {@code after} and {@code limit}. */
  public Page page() {
    return new Page(parameter("after").orElse(""), number("limit", 1, Page.MOST, Page.USUAL));
  }

  /**
   * The body: a JSON object that has no other fields than these.
   *
   * @throws Problem 400, 413 or 415
   */
  public RequestBody body(String... fields) {
    RequestBody parsed = unwrittenBody(fields);
    body = parsed;
    return parsed;
  }

  /**
   * As {@link #body}, but not written down in the audit log.
   *
   * @throws Problem 400, 413 or 415
   */
  RequestBody unwrittenBody(String... fields) {
    expectJson();
    return RequestBody.parse(bytes(), Set.of(fields));
  }

  private void expectJson() {
    String type = Optional.ofNullable(context.contentType()).orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw new Problem(415, "send the body as Content-Type: application/json");
    }
  }

  /** Answers 200. */
  public void answer(JsonNode view) {
    answer(200, view);
  }

  /** Answers with what the caller wants to read: JSON, unless it asks for YAML first of all. */
  public void answer(int status, JsonNode view) {
    String accept = Optional.ofNullable(context.header("Accept")).orElse("");
    String first = accept.split("[,;]", 2)[0].strip().toLowerCase(Locale.ROOT);
    boolean isYaml = first.equals("application/yaml") || first.equals("text/yaml");
    repeat(
        new Answer(
            status,
            isYaml ? "application/yaml" : "application/json",
            isYaml ? yaml(view) : (view + "\n").getBytes(StandardCharsets.UTF_8),
            context.res().getHeader("Location")));
  }

  /** Answers 202: it goes on, and can be watched as that operation. */
  void accepted(String operation, JsonNode view) {
    context.header("Location", Operation.path(operation));
    answer(202, view);
  }

  /** Whether the caller would rather watch than wait (RFC 7240 clause 4.1). */
  boolean isInAHurry() {
    return Optional.ofNullable(context.header("Prefer")).orElse("").contains("respond-async");
  }

  /** Answers 201 with the place of what was made. */
  public void created(String location, JsonNode view) {
    context.header("Location", location);
    answer(201, view);
  }

  /** Answers 204: done, and nothing to say. */
  public void done() {
    context.status(204);
    answered = new Answer(204, "", new byte[0], null);
  }

  /** The answer holds a secret: it isn't kept for a repetition of the request. */
  void secret() {
    isSecret = true;
  }

  /** Answers so. */
  void repeat(Answer answer) {
    context.status(answer.status());
    if (answer.status() != 204) {
      context.contentType(answer.contentType());
      context.result(answer.body());
    }
    if (answer.location() != null) {
      context.header("Location", answer.location());
    }
    answered = answer;
  }

  /** What was answered; null if nothing was yet, or it may not be kept. */
  @Nullable Answer answered() {
    return isSecret ? null : answered;
  }

  /** What the log lines about this request have in common, on all servers. */
  public Trace trace() {
    return trace;
  }

  /** What is to be done: the route. */
  String action() {
    return route.method() + " " + route.path();
  }

  /** What it is to be done to: the values of the route's variables. */
  String target() {
    return String.join(" ", context.pathParamMap().values());
  }

  /** Method, path and query, as they were sent. */
  String line() {
    String query = context.queryString();
    return context.req().getMethod()
        + " "
        + context.path()
        + (query == null || query.isEmpty() ? "" : "?" + query);
  }

  /** The body's JSON without its secrets; empty if none was read. */
  String shownBody() {
    return body == null ? "" : body.shown();
  }

  /**
   * The body as it was sent. It is read no sooner than somebody asks, which is after the role was
   * checked.
   *
   * @throws Problem 413 if it is longer than the route allows
   */
  byte[] bytes() {
    byte[] read = bytes;
    if (read == null) {
      int most = route.mostBodyBytes();
      requireLength(context.req().getContentLengthLong(), most);
      try (InputStream stream = context.req().getInputStream()) {
        read = stream.readNBytes(most + 1);
      } catch (IOException e) {
        throw new Problem(400, "the body can't be read: " + e.getMessage());
      }
      requireLength(read.length, most);
      bytes = read;
    }
    return read;
  }

  private static void requireLength(long length, int most) {
    if (length > most) {
      throw new Problem(413, "the body is longer than " + most + " bytes");
    }
  }

  static String shortened(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }

  private static byte[] yaml(JsonNode view) {
    try {
      return YAML.writeValueAsBytes(view);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
