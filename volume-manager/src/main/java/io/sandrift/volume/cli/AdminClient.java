package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Speaks to one server's admin API, and turns its refusals into failures with the exit code. */
final class AdminClient {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI server;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_LIMIT)
          .build();

  AdminClient(URI server) {
    this.server = server;
  }

  /**
   * The server that the user named.
   *
   * @param address {@code HOST:PORT} or {@code http://HOST:PORT}
   * @throws CommandFailure {@link ExitCode#USAGE} if it is neither
   */
  static AdminClient at(String address) {
    try {
      URI uri = URI.create(address.contains("://") ? address : "http://" + address);
      boolean plain = uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/");
      if (uri.getHost() != null && "http".equals(uri.getScheme()) && plain && uri.getPort() > 0) {
        return new AdminClient(URI.create("http://" + uri.getAuthority()));
      }
    } catch (IllegalArgumentException e) {
      // Told below, like any other address that can't be used.
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        "admin address '"
            + address
            + "' is no HOST:PORT or http://HOST:PORT, such as"
            + " 127.0.0.1:8480");
  }

  JsonNode get(String path) {
    return exchange("GET", path, null);
  }

  JsonNode post(String path, JsonNode body) {
    return exchange("POST", path, body);
  }

  JsonNode patch(String path, JsonNode body) {
    return exchange("PATCH", path, body);
  }

  void delete(String path) {
    exchange("DELETE", path, null);
  }

  private JsonNode exchange(String method, String path, @Nullable JsonNode body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(ANSWER_LIMIT)
            .header("Accept", "application/json, application/problem+json");
    if (body == null) {
      request.method(method, BodyPublishers.noBody());
    } else {
      request
          .method(method, BodyPublishers.ofString(body.toString()))
          .header("Content-Type", "application/json");
    }
    try {
      HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
      if (response.statusCode() >= 300) {
        throw refused(response);
      }
      return response.body().length == 0
          ? MissingNode.getInstance()
          : JSON.readTree(response.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ExitCode.FAILURE, "interrupted", e);
    } catch (IOException e) {
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "no Sandrift server answers at "
              + server
              + " ("
              + reason(e)
              + "); start one with 'sandrift demo' or 'sandrift server', or give its admin address"
              + " with --admin or SANDRIFT_ADMIN",
          e);
    }
  }

  private static String reason(IOException failure) {
    if (failure instanceof HttpTimeoutException) {
      return "no answer in time";
    }
    return failure instanceof ConnectException
        ? "connection refused"
        : String.valueOf(failure.getMessage());
  }

  private CommandFailure refused(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    String detail;
    try {
      detail = JSON.readTree(response.body()).path("detail").asText("");
    } catch (IOException e) {
      detail = "";
    }
    if (detail.isEmpty()) {
      detail = server + " answered HTTP " + status + "; is it a Sandrift server's admin address?";
    }
    int code =
        switch (status) {
          case 404 -> ExitCode.NOT_FOUND;
          case 409 -> ExitCode.CONFLICT;
          case 400, 422 -> ExitCode.USAGE;
          default -> ExitCode.FAILURE;
        };
    return new CommandFailure(code, detail);
  }
}
