package io.sandrift.volume.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Speaks to one server's admin API, and turns its refusals into failures with the exit code.
 *
 * <p>It is java.net's old HTTP client: the newer one takes 100 ms to load, and its selector thread
 * holds up the end of the process for another 300 ms, which together is most of what a command
 * takes.
 */
final class AdminClient {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(5);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(60);

  private static final int MAX_ANSWER_BYTES = 64 << 20;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI server;

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

  JsonNode put(String path, JsonNode body) {
    return exchange("PUT", path, body);
  }

  void delete(String path) {
    exchange("DELETE", path, null);
  }

  private JsonNode exchange(String method, String path, @Nullable JsonNode body) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) server.resolve(path).toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setConnectTimeout((int) CONNECT_LIMIT.toMillis());
      connection.setReadTimeout((int) ANSWER_LIMIT.toMillis());
      connection.setInstanceFollowRedirects(false);
      connection.setRequestProperty("Accept", "application/json, application/problem+json");
      if (body != null) {
        connection.setRequestProperty("Content-Type", "application/json");
        connection.setDoOutput(true);
        try (OutputStream out = connection.getOutputStream()) {
          out.write(body.toString().getBytes(StandardCharsets.UTF_8));
        }
      }
      int status = connection.getResponseCode();
      byte[] answer =
          read(status < 400 ? connection.getInputStream() : connection.getErrorStream());
      if (status < 200 || status >= 300) {
        throw refused(status, answer);
      }
      return answer.length == 0 ? MissingNode.getInstance() : JSON.readTree(answer);
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

  private static byte[] read(@Nullable InputStream stream) throws IOException {
    if (stream == null) {
      return new byte[0];
    }
    try (stream) {
      return stream.readNBytes(MAX_ANSWER_BYTES);
    }
  }

  private static String reason(IOException failure) {
    if (failure instanceof SocketTimeoutException) {
      return "no answer in time";
    }
    return failure instanceof ConnectException
        ? "connection refused"
        : String.valueOf(failure.getMessage());
  }

  private CommandFailure refused(int status, byte[] answer) {
    String detail;
    try {
      detail = JSON.readTree(answer).path("detail").asText("");
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
