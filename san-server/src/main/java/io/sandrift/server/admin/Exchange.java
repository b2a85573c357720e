package io.sandrift.server.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One request and its answer, as an endpoint sees them. Requests are read strictly, so that a
 * mistyped name is never ignored; answers are JSON, or YAML for who asks for it. Used by the thread
 * that serves the request.
 */
public final class Exchange {

  /** Longest body that is read. */
  static final int MAX_BODY_BYTES = 64 << 10;

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          .build();

  private final Context context;
  private final Caller caller;

  Exchange(Context context, Caller caller) {
    this.context = context;
    this.caller = caller;
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
    String type = Optional.ofNullable(context.contentType()).orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase("application/json")) {
      throw new Problem(415, "send the body as Content-Type: application/json");
    }
    try (InputStream stream = context.req().getInputStream()) {
      byte[] body = stream.readNBytes(MAX_BODY_BYTES + 1);
      if (body.length > MAX_BODY_BYTES) {
        throw new Problem(413, "the body is longer than " + MAX_BODY_BYTES + " bytes");
      }
      return RequestBody.parse(body, Set.of(fields));
    } catch (IOException e) {
      throw new Problem(400, "the body can't be read: " + e.getMessage());
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
    context.status(status);
    if (first.equals("application/yaml") || first.equals("text/yaml")) {
      context.contentType("application/yaml");
      context.result(yaml(view));
    } else {
      context.contentType("application/json");
      context.result((view + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Answers 201 with the place of what was made. */
  public void created(String location, JsonNode view) {
    context.header("Location", location);
    answer(201, view);
  }

  /** Answers 204: done, and nothing to say. */
  public void done() {
    context.status(204);
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
