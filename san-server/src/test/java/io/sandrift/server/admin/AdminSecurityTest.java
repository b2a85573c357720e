package io.sandrift.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.sandrift.server.trace.Trace;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What docs/security.md promises of the admin API. */
@Tag("security")
@Timeout(120)
class AdminSecurityTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FIRST = "a-token-that-the-settings-give";
  private static final AuditQuery LAST = new AuditQuery("", "", Instant.EPOCH, 1);
  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");

  @TempDir private Path directory;

  private final FakeUsers users = new FakeUsers();
  private final AtomicInteger pokes = new AtomicInteger();
  private final HttpClient http = HttpClient.newHttpClient();
  private AdminServer server;
  private AuditLog audit;

  /** Something to look at, to do, and to do with power. */
  private final class Thing implements AdminResource {
    @Override
    public void routes(AdminRoutes routes) {
      // Pages needn't be described, which leaves only POST and DELETE to be.
      routes
          .page("/look", Role.VIEWER, exchange -> exchange.answer(count()))
          .post("/poke", Role.OPERATOR, this::poke)
          .delete("/poke", Role.ADMIN, exchange -> exchange.done())
          .events("/stream", Role.VIEWER, stream -> stream.send("hello", "you"));
    }

    private void poke(Exchange exchange) {
      if (exchange.bytes().length > 0) {
        exchange.body("why", "secret");
      }
      pokes.incrementAndGet();
      exchange.answer(count());
    }

    private JsonNode count() {
      return JsonNodeFactory.instance.objectNode().put("pokes", pokes.get());
    }
  }

  @BeforeEach
  void start() throws Exception {
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    audit = new AuditLog(directory.resolve("audit"));
    server =
        new AdminServer(
            new InetSocketAddress(loopback, 0),
            null,
            new Entry(loopback, true, users, FIRST, InstantSource.fixed(NOW)),
            new Changes(audit::record, "alpha", InstantSource.fixed(NOW)),
            List.of(new Thing(), new UsersResource(users, InstantSource.fixed(NOW))));
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void whoSaysNothingIsToldHowToSayWhoTheyAre() throws Exception {
    HttpResponse<String> response = send("GET", "/look", null, null);
    assertThat(response.statusCode()).isEqualTo(401);
    assertThat(response.headers().firstValue("WWW-Authenticate").orElse("")).contains("Bearer");
    assertThat(detail(response)).contains("SANDRIFT_TOKEN");
  }

  @ParameterizedTest
  @CsvSource({
    "viewer,   GET,    /look, 200",
    "viewer,   POST,   /poke, 403",
    "viewer,   DELETE, /poke, 403",
    "viewer,   GET,    /v1/users, 403",
    "operator, GET,    /look, 200",
    "operator, POST,   /poke, 200",
    "operator, DELETE, /poke, 403",
    "admin,    DELETE, /poke, 204",
    "admin,    GET,    /v1/users, 200"
  })
  void aRoleMayDoWhatItMay(String role, String method, String path, int status) throws Exception {
    assertThat(send(method, path, create("ann", role), null).statusCode()).isEqualTo(status);
  }

  @Test
  void aTokenIsKeptOnlyAsItsHash() throws Exception {
    String token = create("ann", "viewer");
    assertThat(token).startsWith("sdt_").hasSizeGreaterThan(40);
    assertThat(users.list().get(0).tokenHash()).doesNotContain(token);
    assertThat(send("GET", "/v1/users", FIRST, null).body()).doesNotContain(token);
    assertThat(Files.readString(directory.resolve("audit/audit.jsonl"))).doesNotContain(token);
  }

  @Test
  void aRotatedTokenIsWorthless() throws Exception {
    String old = create("ann", "viewer");
    String fresh =
        JSON.readTree(send("POST", "/v1/users/ann/token", FIRST, "{}").body())
            .path("token")
            .asText();
    assertThat(send("GET", "/look", old, null).statusCode()).isEqualTo(401);
    assertThat(send("GET", "/look", fresh, null).statusCode()).isEqualTo(200);
  }

  @Test
  void aDeletedUsersTokenIsWorthless() throws Exception {
    String token = create("ann", "viewer");
    assertThat(send("DELETE", "/v1/users/ann", FIRST, null).statusCode()).isEqualTo(204);
    assertThat(send("GET", "/look", token, null).statusCode()).isEqualTo(401);
  }

  @Test
  void aStreamEndsWithTheTokenThatItWasOpenedWith() throws Exception {
    String token = create("ann", "viewer");
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(40_000);
      socket
          .getOutputStream()
          .write(
              ("GET /stream HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                      + "Authorization: Bearer "
                      + token
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).contains("200");
      send("DELETE", "/v1/users/ann", FIRST, null);
      while (in.readLine() != null) {
        // What the server still says; the test's time limit ends a stream that goes on.
      }
    }
  }

  @Test
  void streamsHoldNoThreadAndHaveALimit() throws Exception {
    String token = create("ann", "viewer");
    List<Socket> viewers = new ArrayList<>();
    try {
      // Four times as many as there are threads; none of them reads more than the first line.
      for (int i = 0; i < Entry.MOST_STREAMS; i++) {
        Socket viewer = new Socket("127.0.0.1", server.port());
        viewers.add(viewer);
        viewer.setSoTimeout(40_000);
        viewer
            .getOutputStream()
            .write(
                ("GET /stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                        + token
                        + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        assertThat(
                new BufferedReader(
                        new InputStreamReader(viewer.getInputStream(), StandardCharsets.US_ASCII))
                    .readLine())
            .contains("200");
      }
      assertThat(send("GET", "/look", token, null).statusCode()).isEqualTo(200);
      HttpResponse<String> refused = send("GET", "/stream", token, null);
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(detail(refused)).contains("streams of events are open");
    } finally {
      for (Socket viewer : viewers) {
        viewer.close();
      }
    }
  }

  @Test
  void guessingTokensIsStopped() throws Exception {
    String token = create("ann", "viewer");
    List<Integer> answers = new ArrayList<>();
    for (int i = 0; i <= FailedTries.MOST; i++) {
      answers.add(send("GET", "/look", "wrong-" + i, null).statusCode());
    }
    assertThat(answers).startsWith(401).endsWith(429);
    assertThat(send("GET", "/look", token, null).statusCode()).isEqualTo(429);
  }

  @Test
  void theMethodCannotBeOverridden() throws Exception {
    String viewer = create("ann", "viewer");
    HttpResponse<String> response =
        http.send(
            request("/poke", viewer).header("X-HTTP-Method-Override", "DELETE").GET().build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @CsvSource({"Origin, http://evil.example", "Origin, null", "Sec-Fetch-Site, cross-site"})
  void anotherSitesPageChangesNothing(String header, String value) throws Exception {
    HttpResponse<String> response =
        http.send(
            request("/poke", create("ann", "operator"))
                .header(header, value)
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(pokes).hasValue(0);
  }

  @Test
  void aRepeatedRequestWithItsKeyIsCarriedOutOnce() throws Exception {
    String token = create("ann", "operator");
    HttpResponse<String> first = poke(token, "key-1", "{\"why\":\"a\"}");
    HttpResponse<String> again = poke(token, "key-1", "{\"why\":\"a\"}");
    assertThat(pokes).hasValue(1);
    assertThat(again.body()).isEqualTo(first.body());
    assertThat(again.headers().firstValue("Idempotency-Replayed")).contains("true");
  }

  @Test
  void aKeyIsForOneRequest() throws Exception {
    String token = create("ann", "operator");
    poke(token, "key-1", "{\"why\":\"a\"}");
    assertThat(poke(token, "key-1", "{\"why\":\"b\"}").statusCode()).isEqualTo(422);
    assertThat(pokes).hasValue(1);
  }

  @Test
  void everyChangeIsWrittenDownWithWhoAskedAndWithoutSecrets() throws Exception {
    String token = create("ann", "operator");
    send("POST", "/poke?x=1", token, "{\"why\":\"because\",\"secret\":\"hush-hush\"}");
    JsonNode entry = audit.newest(LAST).get(0);
    assertThat(entry.path("user").asText()).isEqualTo("ann");
    assertThat(entry.path("request").asText()).isEqualTo("POST /poke?x=1");
    assertThat(entry.path("status").asInt()).isEqualTo(200);
    assertThat(entry.path("body").asText()).contains("because").doesNotContain("hush");
  }

  @Test
  void aRefusedChangeIsWrittenDown() throws Exception {
    send("DELETE", "/poke", create("ann", "viewer"), null);
    JsonNode entry = audit.newest(LAST).get(0);
    assertThat(entry.path("status").asInt()).isEqualTo(403);
    assertThat(entry.path("detail").asText()).contains("'ann' is viewer");
  }

  @Test
  void theAuditLogIsItsOwnersAloneAndBounded() throws Exception {
    AuditLog small = new AuditLog(directory.resolve("small"), 200);
    for (int i = 0; i < 40; i++) {
      small.record(entry("ann", "POST /" + i, 200));
    }
    try (var files = Files.list(directory.resolve("small"))) {
      assertThat(files.toList())
          .hasSize(AuditLog.FILES)
          .allSatisfy(
              file ->
                  assertThat(Files.getPosixFilePermissions(file))
                      .isEqualTo(PosixFilePermissions.fromString("rw-------")));
    }
    assertThat(
            new AuditLog(directory.resolve("small"), 200)
                .newest(LAST)
                .get(0)
                .path("request")
                .asText())
        .isEqualTo("POST /39");
  }

  @Test
  void ofStrangersAFewAMinuteAreWrittenDownAndBriefly() throws Exception {
    for (int i = 0; i < 3 * Changes.MOST_STRANGERS; i++) {
      send("POST", "/poke?" + "x".repeat(4000), null, "{}");
    }
    List<JsonNode> entries = audit.newest(new AuditQuery("", "", Instant.EPOCH, 1000));
    assertThat(entries)
        .hasSize(Changes.MOST_STRANGERS)
        .allSatisfy(entry -> assertThat(entry.toString()).hasSizeLessThan(1000));
    assertThat(entries.get(0).path("detail").asText()).contains("aren't written down");
  }

  @Test
  void strangersDoNotPushOutWhatUsersDid() throws Exception {
    Path place = directory.resolve("strangers");
    AuditLog small = new AuditLog(place, 200);
    small.record(entry("ann", "POST /ann", 200));
    for (int i = 0; i <= AuditLog.SHOWN; i++) {
      small.record(entry("", "POST /" + i, 401));
    }
    for (AuditLog log : List.of(small, new AuditLog(place, 200))) {
      for (int limit : new int[] {1, 10, 1000}) {
        assertThat(log.newest(new AuditQuery("", "", Instant.EPOCH, limit)))
            .extracting(each -> each.path("request").asText())
            .contains("POST /ann")
            .hasSizeLessThanOrEqualTo(1 + limit / AuditQuery.ONE_STRANGER_OF);
      }
    }
  }

  @Test
  void nothingIsReadOfAStrangersBody() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(40_000);
      // Not a byte of the body follows: whoever waited for it would not answer.
      String head = "POST /poke HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).contains("401");
    }
  }

  @Test
  void aBodyThatIsTooLongForItsRequestIsRefusedBeforeItIsRead() throws Exception {
    String token = create("ann", "operator");
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(40_000);
      String head =
          "POST /poke HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: one\r\nAuthorization: Bearer "
              + token
              + "\r\nContent-Length: 1000000\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).contains("413");
    }
  }

  private static AuditEntry entry(String user, String request, int status) {
    return new AuditEntry(
        NOW,
        "alpha",
        new Caller(user, Role.ADMIN, "127.0.0.1"),
        Trace.NONE,
        request,
        "",
        request,
        "",
        status,
        "");
  }

  private HttpResponse<String> poke(String token, String key, String body) throws Exception {
    return http.send(
        request("/poke", token)
            .header("Idempotency-Key", key)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private String create(String name, String role) throws Exception {
    HttpResponse<String> response =
        send("POST", "/v1/users", FIRST, "{\"name\":\"" + name + "\",\"role\":\"" + role + "\"}");
    assertThat(response.statusCode()).isEqualTo(201);
    return JSON.readTree(response.body()).path("token").asText();
  }

  private HttpResponse<String> send(String method, String path, String token, String body)
      throws Exception {
    return http.send(
        request(path, token)
            .header("Content-Type", "application/json")
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path, String token) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
            .version(HttpClient.Version.HTTP_1_1)
            .timeout(Duration.ofSeconds(60));
    return token == null ? builder : builder.header("Authorization", "Bearer " + token);
  }

  private static String detail(HttpResponse<String> response) throws Exception {
    return JSON.readTree(response.body()).path("detail").asText();
  }
}
