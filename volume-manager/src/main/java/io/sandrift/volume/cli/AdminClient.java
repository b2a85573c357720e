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
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
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
  private final @Nullable String token;
  private final @Nullable SSLSocketFactory tls;

  private AdminClient(URI server, @Nullable String token, @Nullable SSLSocketFactory tls) {
    this.server = server;
    this.token = token;
    this.tls = tls;
  }

  /**
   * The server that the user named.
   *
   * @param address {@code HOST:PORT}, {@code http://HOST:PORT} or {@code https://HOST:PORT}
   * @param token what the user proves itself with; null for nothing
   * @param authorityFile the certificate of the authority to trust; null for those that Java does
   * @throws CommandFailure {@link ExitCode#USAGE} if the address is none, or the file can't be used
   */
  static AdminClient at(String address, @Nullable String token, @Nullable String authorityFile) {
    try {
      URI uri = URI.create(address.contains("://") ? address : "http://" + address);
      boolean plain = uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/");
      boolean isTls = "https".equals(uri.getScheme());
      if (uri.getHost() != null
          && (isTls || "http".equals(uri.getScheme()))
          && plain
          && uri.getPort() > 0) {
        return new AdminClient(
            URI.create(uri.getScheme() + "://" + uri.getAuthority()),
            token,
            isTls && authorityFile != null ? AdminTls.trusting(authorityFile) : null);
      }
    } catch (IllegalArgumentException e) {
      // Told below, like any other address that can't be used.
    }
    throw new CommandFailure(
        ExitCode.USAGE,
        "admin address '"
            + address
            + "' is no HOST:PORT, http://HOST:PORT or https://HOST:PORT, such as"
            + " 127.0.0.1:8480");
  }

  JsonNode get(String path) {
    return exchange("GET", path, null).body();
  }

  JsonNode post(String path, JsonNode body) {
    return exchange("POST", path, body).body();
  }

  /**
   * Begins what goes on after the answer.
   *
   * @return the path of the operation to watch
   */
  String begin(String path, JsonNode body) {
    String operation = exchange("POST", path, body).location();
    if (operation == null) {
      throw new CommandFailure(
          ExitCode.FAILURE, server + " names no operation; is it of an older version?");
    }
    return operation;
  }

  JsonNode put(String path, JsonNode body) {
    return exchange("PUT", path, body).body();
  }

  void delete(String path) {
    exchange("DELETE", path, null);
  }

  /**
   * What a server answered.
   *
   * @param location of what was made or begun; null if nothing was
   */
  private record Answer(JsonNode body, @Nullable String location) {}

  private Answer exchange(String method, String path, @Nullable JsonNode body) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) server.resolve(path).toURL().openConnection();
      if (tls != null && connection instanceof HttpsURLConnection secure) {
        secure.setSSLSocketFactory(tls);
      }
      if (token != null) {
        connection.setRequestProperty("Authorization", "Bearer " + token);
      }
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
      return new Answer(
          answer.length == 0 ? MissingNode.getInstance() : JSON.readTree(answer),
          connection.getHeaderField("Location"));
    } catch (SSLException e) {
      throw new CommandFailure(
          ExitCode.UNREACHABLE,
          "no TLS connection to " + server + " (" + AdminTls.told(e) + ")",
          e);
    } catch (IOException e) {
      if (server.getScheme().equals("http")
          && !(e instanceof ConnectException)
          && AdminTls.isSpokenAt(server)) {
        throw new CommandFailure(
            ExitCode.UNREACHABLE,
            "the server at "
                + server.getAuthority()
                + " speaks TLS; use https://"
                + server.getAuthority(),
            e);
      }
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
          case 401, 403, 429 -> ExitCode.DENIED;
          case 400, 422 -> ExitCode.USAGE;
          default -> ExitCode.FAILURE;
        };
    return new CommandFailure(code, detail);
  }
}
