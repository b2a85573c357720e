package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.acceptance.RunningCluster.Server;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.text.ChapCredentials;
import io.sandrift.iscsi.text.ChapSecret;
import io.sandrift.iscsi.text.IscsiName;
import io.sandrift.iscsi.text.TargetAddress;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an administrator is promised of two servers, each a process: the API as it is described,
 * work that can be watched anywhere, who did what, who may mount what, and one trace through all
 * logs.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class AdminApiIT {

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String PREFIX = "iqn.2026-11.com.example:";

  @TempDir static Path directory;
  @TempDir static Path files;
  private static RunningCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        RunningCluster.start(
            2,
            directory,
            "--log-format",
            "json",
            "--access-open",
            "false",
            // A busy machine is no reason to decide otherwise.
            "--distribution-reservation-answer",
            "4s");
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () -> json(server, "/v1/load").findValuesAsText("liveness"),
              List.of("alive", "alive")::equals);
    }
    volume("api", "standard", true);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
  }

  @Test
  @Order(1)
  void aServersRemovalIsWatchedThroughAnyServer() throws Exception {
    HttpResponse<String> begun = send(1, "POST", "/v1/servers/server-2/remove", "{}");
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    String operation = begun.headers().firstValue("Location").orElseThrow();
    assertThat(operation).isEqualTo("/v1/operations/remove-server-2");
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> json(server, operation).path("state").asText().equals("done"));
    }
    assertThat(json(cluster.server(2), operation).path("detail").asText())
        .contains("server-2 serves no sessions");
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> json(cluster.server(1), "/v1/operations/drain-server-2").has("ended"));
    assertThat(json(cluster.server(1), "/v1/operations/drain-server-2").path("by").asText())
        .isEqualTo("local");
    String watched = cluster.sandrift("operation", "watch", "remove-server-2");
    assertThat(watched).contains("done", "100 %");
    assertThat(cluster.sandrift("operation", "list")).contains("drain-server-2", "repartition-");
    assertThat(send(2, "POST", "/v1/servers/server-2/undrain", "{}").statusCode()).isEqualTo(200);
    JsonNode plan =
        JSON.readTree(send(2, "POST", "/v1/repartition/plans", "{\"add\":[\"server-2\"]}").body());
    Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () ->
                json(cluster.server(1), "/v1/repartition/plans/" + plan.path("id"))
                    .path("state")
                    .asText()
                    .equals("done"));
  }

  @Test
  @Order(2)
  void oneTraceLeadsThroughTheLogsOfAMove() throws Exception {
    try (Initiator initiator = initiator("traced");
        BlockDevice device = open(initiator, cluster.server(1), "api")) {
      String id = session("traced").path("id").asText();
      if (session("traced").path("server").asText().equals("server-2")) {
        assertThat(move(id, "server-1").statusCode()).isEqualTo(200);
      }
      HttpResponse<String> moved = move(id, "server-2");
      assertThat(moved.statusCode()).as(moved.body()).isEqualTo(200);
      device.read(0, ByteBuffer.allocate(4096));
      String trace = moved.headers().firstValue("Trace-Id").orElseThrow();
      // The client logs in where it always does: at the server that it leaves.
      awaitTraced(
          cluster.server(1),
          trace,
          "is to move to server-2",
          "is asked to log out",
          "is sent to " + cluster.server(2).portal(),
          "is open here for server-2",
          "has arrived at server-2");
      // iSCSI carries no trace: here it comes out of the reservation.
      awaitTraced(cluster.server(2), trace, "is expected here", "logged in to");
      awaitSaid(trace, "session", "show", id);
      awaitSaid(trace, "audit", "--action", "move");
    }
  }

  @Test
  @Order(3)
  void aMoveThatNobodyWaitsForIsAnOperation() throws Exception {
    try (Initiator initiator = initiator("async");
        BlockDevice device = open(initiator, cluster.server(1), "api")) {
      JsonNode session = session("async");
      String to = session.path("server").asText().equals("server-1") ? "server-2" : "server-1";
      HttpResponse<String> begun =
          HTTP.send(
              request(1, "/v1/sessions/" + session.path("id").asText() + "/move")
                  .header("Prefer", "respond-async")
                  .POST(BodyPublishers.ofString("{\"to\":\"" + to + "\"}"))
                  .build(),
              BodyHandlers.ofString());
      assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
      String operation = begun.headers().firstValue("Location").orElseThrow();
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> json(cluster.server(2), operation).path("state").asText().equals("done"));
      device.read(0, ByteBuffer.allocate(4096));
    }
  }

  @Test
  @Order(4)
  void everyServerTellsWhoChangedWhatAtAnyServer() throws Exception {
    send(1, "PUT", "/v1/policies/audited", "{\"policy\":\"round-robin\"}");
    send(2, "PUT", "/v1/policies/audited", "{\"policy\":\"nonsense\"}");
    for (Server server : cluster.servers()) {
      // A server that is too busy to answer for once is missing.
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                JsonNode audit = json(server, "/v1/audit?action=policies&limit=2");
                assertThat(audit.path("missing")).isEmpty();
                assertThat(audit.path("entries").findValuesAsText("server"))
                    .containsExactlyInAnyOrder("server-1", "server-2");
                assertThat(audit.path("entries").findValuesAsText("outcome"))
                    .containsExactlyInAnyOrder("done", "refused");
                assertThat(audit.path("entries").path(0).path("target").asText())
                    .isEqualTo("audited");
              });
    }
    awaitSaid("PUT /v1/policies/audited", "audit", "--user", "local", "--since", "1h");
    assertThat(json(cluster.server(1), "/v1/audit?user=nobody").path("entries")).isEmpty();
  }

  @Test
  @Order(5)
  @Tag("security")
  void sendTargetsHidesWhatTheInitiatorMayNotUseAndItsLoginIsRefused() throws Exception {
    volume("guarded", "standard", false);
    cluster.sandrift("access", "allow", "guarded", "--initiator", PREFIX + "friend");
    awaitRules("guarded", 1);
    try (Initiator friend = initiator("friend");
        Initiator stranger = initiator("stranger")) {
      for (Server server : cluster.servers()) {
        assertThat(targets(friend, server)).anyMatch(name -> name.endsWith(":guarded"));
        assertThat(targets(stranger, server))
            .noneMatch(name -> name.endsWith(":guarded"))
            .anyMatch(name -> name.endsWith(":api"));
        // Login status 0x0202, authorization failure.
        assertThatThrownBy(() -> open(stranger, server, "guarded"))
            .hasMessageContaining("isn't open to " + PREFIX + "stranger");
      }
      open(friend, cluster.server(2), "guarded").close();
    }
  }

  @Test
  @Order(6)
  @Tag("security")
  void aRelayedLoginIsJudgedByTheClientsAddress() throws Exception {
    for (int server = 1; server <= 2; server++) {
      send(
          server, "PUT", "/v1/policies/relayed", "{\"policy\":\"round-robin\",\"link\":\"relay\"}");
    }
    volume("relayed", "relayed", false);
    cluster.sandrift("access", "allow", "relayed", "--network", "127.0.0.2");
    awaitRules("relayed", 1);
    int port = Integer.parseInt(cluster.server(1).portal().replaceFirst(".*:", ""));
    List<AutoCloseable> opened = new ArrayList<>();
    try (CuttableProxy afar = new CuttableProxy(port, InetAddress.getByName("127.0.0.2"));
        Initiator near = initiator("near")) {
      for (int i = 0; i < 4; i++) {
        Initiator initiator = initiator("afar-" + i);
        opened.add(initiator);
        BlockDevice device =
            initiator.open(
                DeviceUrl.parse(
                    cluster
                        .server(1)
                        .url("relayed")
                        .replace(":" + port + "/", ":" + afar.port() + "/")));
        opened.add(0, device);
        device.read(0, ByteBuffer.allocate(4096));
      }
      // Some of them are served by the other server, which sees them come from this one.
      Awaitility.await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(
                          json(cluster.server(1), "/v1/sessions?volume=relayed")
                              .findValuesAsText("server"))
                      .contains("server-2"));
      assertThatThrownBy(() -> open(near, cluster.server(1), "relayed"))
          .hasMessageContaining("isn't open to");
      assertThatThrownBy(() -> open(near, cluster.server(2), "relayed"))
          .hasMessageContaining("isn't open to");
    } finally {
      for (AutoCloseable each : opened) {
        each.close();
      }
    }
  }

  @Test
  @Order(7)
  @Tag("security")
  void aVolumesOwnChapUsersAreAskedForBothWaysAndTheirSecretsShowNowhere() throws Exception {
    String own = "a-secret-of-alice-alone";
    String targets = "a-secret-of-this-target";
    volume("chapped", "standard", true);
    cluster.sandrift(
        "access", "chap", "chapped", "--user", "alice", "--secret-file", secretFile("alice", own));
    cluster.sandrift(
        "access",
        "chap",
        "chapped",
        "--mutual",
        "--user",
        "disk",
        "--secret-file",
        secretFile("disk", targets));
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(() -> json(server, "/v1/volumes/chapped/access").has("mutualUser"));
    }
    try (Initiator alice =
            new Initiator(
                options("alice")
                    .withChap(
                        new ChapCredentials("alice", ChapSecret.of(own)),
                        new ChapCredentials("disk", ChapSecret.of(targets))));
        Initiator mallory =
            new Initiator(
                options("mallory")
                    .withChap(
                        new ChapCredentials("alice", ChapSecret.of("not-the-right-one")), null));
        Initiator nobody = initiator("nobody")) {
      open(alice, cluster.server(2), "chapped").close();
      assertThatThrownBy(() -> open(mallory, cluster.server(1), "chapped"))
          .hasMessageContaining("refuses the CHAP");
      assertThatThrownBy(() -> open(nobody, cluster.server(1), "chapped"))
          .hasMessageContaining("asks for CHAP");
    }
    StringBuilder told = new StringBuilder();
    told.append(cluster.sandrift("access", "list", "chapped", "-o", "json"));
    told.append(cluster.sandrift("audit", "-o", "json"));
    for (Server server : cluster.servers()) {
      told.append(server.output());
    }
    try (var all = Files.walk(directory)) {
      for (Path file : all.filter(each -> each.toString().endsWith(".jsonl")).toList()) {
        told.append(Files.readString(file));
      }
    }
    assertThat(told).contains("alice").doesNotContain(own).doesNotContain(targets);
  }

  @Test
  @Order(8)
  void answersAndExamplesAreAsTheOpenApiDocumentSays() throws Exception {
    JsonNode document = json(cluster.server(1), "/v1/openapi.json");
    OpenApiCheck check = new OpenApiCheck(document);
    List<String> wrong = new ArrayList<>(check.examples());
    try (Initiator initiator = initiator("described");
        BlockDevice device = open(initiator, cluster.server(1), "api")) {
      device.read(0, ByteBuffer.allocate(4096));
      String session = session("described").path("id").asText();
      Map<String, String> known =
          Map.of(
              "sessions",
              session,
              "servers",
              "server-2",
              "plans",
              "1",
              "operations",
              "repartition-1");
      for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
        JsonNode ok = path.getValue().path("get").path("responses").path("200");
        if (ok.path("content").has("application/json")) {
          String template = path.getKey();
          String collection = template.replaceFirst("/\\{id}.*", "").replaceFirst(".*/", "");
          String there =
              template
                  .replace("{name}", "api")
                  .replace("{service}", "standard")
                  .replace("{id}", known.getOrDefault(collection, "1"));
          wrong.addAll(exchanged(check, "get", template, there, null, 200));
          if (!there.equals(template) && !template.contains("{service}")) {
            String nowhere = template.replaceFirst("\\{[a-z]+}", "nowhere");
            wrong.addAll(exchanged(check, "get", template, nowhere, null, 404));
          }
        }
      }
    }
    wrong.addAll(exchanged(check, "get", "/v1/load", "/v1/load?details=true", null, 200));
    wrong.addAll(exchanged(check, "get", "/v1/sessions", "/v1/sessions?colour=red", null, 400));
    writes(check, wrong);
    assertThat(wrong).isEmpty();
  }

  /** Path, its template, what is sent, and the status that is expected. */
  private static void writes(OpenApiCheck check, List<String> wrong) throws Exception {
    String volumes = "/v1/volumes";
    String volume = "{\"name\":\"described\",\"sizeBytes\":8388608}";
    wrong.addAll(exchanged(check, "post", volumes, volumes, volume, 201));
    wrong.addAll(exchanged(check, "post", volumes, volumes, volume, 200));
    wrong.addAll(
        exchanged(check, "post", volumes, volumes, volume.replace("8388608", "16777216"), 409));
    wrong.addAll(exchanged(check, "post", volumes, volumes, "{\"name\":\"UPPER\"}", 422));
    wrong.addAll(exchanged(check, "post", volumes, volumes, "{\"colour\":\"red\"}", 400));
    String one = volumes + "/{name}";
    String grown = "{\"sizeBytes\":16777216}";
    wrong.addAll(exchanged(check, "patch", one, volumes + "/described", grown, 200));
    wrong.addAll(exchanged(check, "put", one + "/size", volumes + "/described/size", grown, 200));
    String access = one + "/access";
    String open = "{\"open\":true}";
    wrong.addAll(
        exchanged(check, "put", access + "/open", volumes + "/described/access/open", open, 200));
    String rule = "{\"network\":\"10.0.0.0/8\"}";
    wrong.addAll(
        exchanged(check, "put", access + "/rules", volumes + "/described/access/rules", rule, 200));
    wrong.addAll(
        exchanged(
            check,
            "delete",
            access + "/rules",
            volumes + "/described/access/rules?network=10.0.0.0/8",
            null,
            200));
    String policy = "{\"policy\":\"round-robin\",\"link\":\"redirect\"}";
    wrong.addAll(
        exchanged(check, "put", "/v1/policies/{service}", "/v1/policies/described", policy, 200));
    String plan = "{\"rebalance\":\"capacity\"}";
    wrong.addAll(
        exchanged(check, "post", "/v1/repartition/plan", "/v1/repartition/plan", plan, 200));
    String drain = "/v1/servers/{id}/drain";
    wrong.addAll(exchanged(check, "post", drain, "/v1/servers/server-2/drain", "{}", 202));
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> send(1, "GET", "/v1/operations/drain-server-2", null).statusCode() == 200);
    wrong.addAll(
        exchanged(check, "get", "/v1/operations/{id}", "/v1/operations/drain-server-2", null, 200));
    wrong.addAll(
        exchanged(
            check, "post", "/v1/servers/{id}/undrain", "/v1/servers/server-2/undrain", "{}", 200));
    String user = "{\"name\":\"described\",\"role\":\"viewer\"}";
    wrong.addAll(exchanged(check, "post", "/v1/users", "/v1/users", user, 201));
    wrong.addAll(exchanged(check, "post", "/v1/users", "/v1/users", user, 409));
    wrong.addAll(exchanged(check, "get", "/v1/users", "/v1/users", null, 200));
    wrong.addAll(
        exchanged(check, "post", "/v1/users/{user}/token", "/v1/users/described/token", "{}", 200));
    wrong.addAll(exchanged(check, "delete", "/v1/users/{user}", "/v1/users/described", null, 204));
    wrong.addAll(exchanged(check, "delete", one, volumes + "/described", null, 204));
    wrong.addAll(exchanged(check, "delete", one, volumes + "/described", null, 404));
  }

  private static List<String> exchanged(
      OpenApiCheck check, String method, String template, String path, String body, int expected)
      throws Exception {
    HttpResponse<String> response = send(1, method.toUpperCase(Locale.ROOT), path, body);
    if (response.statusCode() != expected) {
      return List.of(
          method
              + " "
              + path
              + ": "
              + response.statusCode()
              + " instead of "
              + expected
              + ": "
              + response.body());
    }
    if (expected == 204) {
      return check.operation(method, template).path("responses").has("204")
          ? List.of()
          : List.of(method + " " + template + ": 204 is not described");
    }
    return check.answer(
        method,
        template,
        expected,
        response.headers().firstValue("Content-Type").orElse(""),
        JSON.readTree(response.body()));
  }

  // ---- What the tests are made of.

  private static void volume(String name, String service, boolean isOpen) throws Exception {
    HttpResponse<String> made =
        send(
            1,
            "POST",
            "/v1/volumes",
            "{\"name\":\""
                + name
                + "\",\"sizeBytes\":16777216,\"partitions\":8,\"serviceClass\":\""
                + service
                + "\",\"open\":"
                + isOpen
                + "}");
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () ->
                  json(server, "/v1/volumes/" + name).path("online").asBoolean()
                      && json(server, "/v1/volumes/" + name + "/access").path("open").asBoolean()
                          == isOpen);
    }
  }

  private static void awaitRules(String volume, int count) {
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () ->
                  json(server, "/v1/volumes/" + volume + "/access").path("rules").size() == count);
    }
  }

  private static InitiatorOptions options(String name) {
    return InitiatorOptions.DEFAULT.withInitiatorName(new IscsiName(PREFIX + name));
  }

  private static Initiator initiator(String name) {
    return new Initiator(options(name));
  }

  private static BlockDevice open(Initiator initiator, Server server, String volume)
      throws Exception {
    return initiator.open(DeviceUrl.parse(server.url(volume)));
  }

  private static List<String> targets(Initiator initiator, Server server) throws Exception {
    return initiator.discover(List.of(TargetAddress.parse(server.portal()))).stream()
        .map(Initiator.DiscoveredTarget::name)
        .toList();
  }

  /** The session of that initiator, once all know of it. */
  private static JsonNode session(String name) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .until(
            () -> json(cluster.server(1), "/v1/sessions?client=" + PREFIX + name).at("/sessions/0"),
            JsonNode::isObject);
  }

  private static HttpResponse<String> move(String session, String to) throws Exception {
    return send(1, "POST", "/v1/sessions/" + session + "/move", "{\"to\":\"" + to + "\"}");
  }

  /** Waits until a command says that: what servers are asked for together may lack one at first. */
  private static void awaitSaid(String words, String... command) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(cluster.sandrift(command)).contains(words));
  }

  /** Waits until lines of a server's log about this trace say all of that. */
  private static void awaitTraced(Server server, String trace, String... words) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              List<String> lines =
                  server
                      .output()
                      .lines()
                      .filter(line -> line.contains("\"trace\":\"" + trace + "\""))
                      .toList();
              assertThat(String.join("\n", lines)).contains(words);
            });
  }

  private static String secretFile(String name, String secret) throws Exception {
    Path file = files.resolve(name);
    Files.writeString(file, secret + "\n", StandardCharsets.UTF_8);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file.toString();
  }

  private static JsonNode json(Server server, String path) throws Exception {
    return JSON.readTree(cluster.get(server, path));
  }

  private static HttpResponse<String> send(int server, String method, String path, String body)
      throws Exception {
    return HTTP.send(
        request(server, path)
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static HttpRequest.Builder request(int server, String path) {
    return HttpRequest.newBuilder(URI.create("http://" + cluster.server(server).admin() + path))
        .timeout(PATIENCE)
        .header("Content-Type", "application/json");
  }
}
