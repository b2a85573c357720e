package io.sandrift.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.CatalogException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class AdminServerTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GIB = "{\"name\":\"demo\",\"sizeBytes\":1073741824}";

  private final FakeVolumes volumes = new FakeVolumes();
  private final FakePeers peers = new FakePeers();
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(60)).build();
  private AdminServer server;

  @BeforeEach
  void start() throws Exception {
    server =
        new AdminServer(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), resources());
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void aVolumeIsCreatedWithDefaultsForWhatIsNotSaid() throws Exception {
    HttpResponse<String> response = send("POST", "/v1/volumes", GIB);
    assertThat(response.statusCode()).isEqualTo(201);
    assertThat(response.headers().firstValue("Location")).contains("/v1/volumes/demo");
    JsonNode volume = JSON.readTree(response.body());
    assertThat(volume.path("blockBytes").asInt()).isEqualTo(512);
    assertThat(volume.path("stripeUnitBytes").asInt()).isEqualTo(1 << 20);
    assertThat(volume.path("target").asText()).isEqualTo("iqn.2026-11.io.sandrift:demo");
    assertThat(volume.path("online").asBoolean()).isTrue();
  }

  @Test
  void figuresThatLackAServersSaySo() throws Exception {
    send("POST", "/v1/volumes", GIB);
    peers.silent.add(new ServerId("alpha"));
    JsonNode volume = JSON.readTree(send("GET", "/v1/volumes/demo", null).body());
    assertThat(volume.path("missing").asText()).contains("alpha").contains("connection refused");
    assertThat(send("DELETE", "/v1/volumes/demo", null).statusCode()).isEqualTo(409);
  }

  @Test
  void creatingTheSameVolumeAgainChangesNothing() throws Exception {
    JsonNode first = JSON.readTree(send("POST", "/v1/volumes", GIB).body());
    HttpResponse<String> again = send("POST", "/v1/volumes", GIB);
    assertThat(again.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(again.body())).isEqualTo(first);
  }

  @Test
  void creatingADifferentVolumeOfTheSameNameIsAConflictThatSaysWhatDiffers() throws Exception {
    send("POST", "/v1/volumes", GIB);
    HttpResponse<String> other =
        send("POST", "/v1/volumes", "{\"name\":\"demo\",\"sizeBytes\":2147483648}");
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(detail(other)).contains("its size is 1GiB");
  }

  @Test
  @Tag("S11")
  void volumesAreListed() throws Exception {
    send("POST", "/v1/volumes", GIB);
    JsonNode list = JSON.readTree(send("GET", "/v1/volumes", null).body());
    assertThat(list.path("volumes")).hasSize(1);
  }

  @Test
  void aVolumeIsShown() throws Exception {
    JsonNode created = JSON.readTree(send("POST", "/v1/volumes", GIB).body());
    assertThat(JSON.readTree(send("GET", "/v1/volumes/demo", null).body())).isEqualTo(created);
  }

  @Test
  void aVolumeGrows() throws Exception {
    send("POST", "/v1/volumes", GIB);
    HttpResponse<String> grown = send("PATCH", "/v1/volumes/demo", "{\"sizeBytes\":2147483648}");
    assertThat(grown.statusCode()).isEqualTo(200);
    assertThat(JSON.readTree(grown.body()).path("sizeBytes").asLong()).isEqualTo(2147483648L);
  }

  @Test
  void aVolumeDoesNotShrink() throws Exception {
    send("POST", "/v1/volumes", GIB);
    HttpResponse<String> response = send("PATCH", "/v1/volumes/demo", "{\"sizeBytes\":1048576}");
    assertThat(response.statusCode()).isEqualTo(422);
    assertThat(detail(response)).contains("can only grow");
  }

  @Test
  void aVolumeIsDeleted() throws Exception {
    send("POST", "/v1/volumes", GIB);
    assertThat(send("DELETE", "/v1/volumes/demo", null).statusCode()).isEqualTo(204);
    assertThat(send("GET", "/v1/volumes/demo", null).statusCode()).isEqualTo(404);
  }

  @Test
  void aMountedVolumeIsDeletedOnlyByForce() throws Exception {
    send("POST", "/v1/volumes", GIB);
    volumes.sessions = 1;
    HttpResponse<String> refused = send("DELETE", "/v1/volumes/demo", null);
    assertThat(refused.statusCode()).isEqualTo(409);
    assertThat(detail(refused)).contains("mounted by 1 session").contains("force=true");
    assertThat(send("DELETE", "/v1/volumes/demo?force=true", null).statusCode()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "DELETE"})
  void aVolumeThatIsNotThereIsNotFound(String method) throws Exception {
    HttpResponse<String> response = send(method, "/v1/volumes/none", null);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(detail(response)).isEqualTo("there is no volume 'none'");
    assertThat(response.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/volumes/A%20B", "/v1/volumes/..%2F..%2Fetc", "/v1/volumes/%00"})
  void aNameThatNoVolumeCanHaveIsRefused(String path) throws Exception {
    assertThat(send("GET", path, null).statusCode()).isBetween(400, 404);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400|not json",
        "400|",
        "400|[]",
        "400|null",
        "400|{\"name\":\"a\",\"sizeBytes\":1048576} trailing",
        "400|{\"name\":\"a\",\"name\":\"b\",\"sizeBytes\":1048576}",
        "400|{\"name\":\"a\",\"sizeBytes\":1048576,\"colour\":\"blue\"}",
        "400|{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]}",
        "422|{\"sizeBytes\":1048576}",
        "422|{\"name\":\"a\"}",
        "422|{\"name\":7,\"sizeBytes\":1048576}",
        "422|{\"name\":\"A\",\"sizeBytes\":1048576}",
        "422|{\"name\":\"a\",\"sizeBytes\":\"10GiB\"}",
        "422|{\"name\":\"a\",\"sizeBytes\":0}",
        "422|{\"name\":\"a\",\"sizeBytes\":-1}",
        "422|{\"name\":\"a\",\"sizeBytes\":1.5}",
        "422|{\"name\":\"a\",\"sizeBytes\":1e400}",
        "422|{\"name\":\"a\",\"sizeBytes\":1048577}",
        "422|{\"name\":\"a\",\"sizeBytes\":70368744178176}",
        "422|{\"name\":\"a\",\"sizeBytes\":99999999999999999999}",
        "422|{\"name\":\"a\",\"sizeBytes\":1048576,\"blockBytes\":4294967808}",
        "422|{\"name\":\"a\",\"sizeBytes\":1048576,\"stripeUnitBytes\":1000}",
        "422|{\"name\":\"a\",\"sizeBytes\":1048576,\"partitions\":0}",
        "422|{\"name\":\"a\",\"sizeBytes\":1048576,\"serviceClass\":\"\"}"
      })
  void aBadRequestIsRefusedAndSaysWhy(int status, String body) throws Exception {
    HttpResponse<String> response = send("POST", "/v1/volumes", body == null ? "" : body);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(detail(response)).isNotBlank();
    assertThat(volumes.list()).isEmpty();
  }

  @Test
  void aHugeBodyIsRefused() throws Exception {
    HttpResponse<String> response = send("POST", "/v1/volumes", " ".repeat(100_000) + GIB);
    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void aHugeBodyOfUnknownLengthIsRefused() throws Exception {
    byte[] body = (" ".repeat(100_000) + GIB).getBytes(StandardCharsets.UTF_8);
    InputStream stream = new ByteArrayInputStream(body);
    HttpResponse<String> response =
        http.send(
            request("/v1/volumes")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofInputStream(() -> stream))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(413);
  }

  @Test
  void aBodyOfAnotherTypeIsRefusedSoThatNoWebPageCanPostOne() throws Exception {
    HttpResponse<String> response =
        http.send(
            request("/v1/volumes")
                .header("Content-Type", "text/plain")
                .POST(BodyPublishers.ofString(GIB))
                .build(),
            BodyHandlers.ofString());
    assertThat(response.statusCode()).isEqualTo(415);
  }

  @Test
  void aRequestThatNamesAnotherHostIsRefused() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(40_000);
      socket
          .getOutputStream()
          .write(
              "GET /v1/volumes HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("HTTP/1.1 421");
    }
  }

  @Test
  void garbageOnThePortIsAnsweredOrDroppedAndTheServerGoesOn() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(40_000);
      socket.getOutputStream().write(new byte[] {0, 1, 2, 3, (byte) 0xff, '\n', '\r', '\n', 0});
      socket.shutdownOutput();
      socket.getInputStream().readAllBytes();
    }
    assertThat(send("GET", "/health", null).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/%zz HTTP/1.1", "/v1 HTTP/1.1\r\nHost: other"})
  void whatIsRefusedBeforeItsRouteIsKnownIsAProblemToo(String line) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(40_000);
      String request = "GET " + line + "\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(answer)
          .startsWith("HTTP/1.1 400")
          .containsIgnoringCase("Content-Type: application/problem+json")
          .contains("urn:sandrift:problem:bad-request");
    }
  }

  @Test
  void aFailureBeforeItsRouteIsKnownTellsNoInternals() {
    assertThat(EarlyProblems.problem(500, "java.lang.IllegalStateException: hush").getMessage())
        .doesNotContain("java", "hush")
        .contains("its log says why");
  }

  @Test
  void aWrongMethodIsToldWhichOnesThereAre() throws Exception {
    HttpResponse<String> response = send("PUT", "/v1/volumes", GIB);
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow").orElse("")).contains("GET", "POST");
  }

  @Test
  void anUnknownPathIsToldWhereToLook() throws Exception {
    HttpResponse<String> response = send("GET", "/v2", null);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(detail(response)).contains("/v1 lists what there is");
  }

  @Test
  void anUnknownParameterIsRefused() throws Exception {
    send("POST", "/v1/volumes", GIB);
    assertThat(send("DELETE", "/v1/volumes/demo?forced=true", null).statusCode()).isEqualTo(400);
    assertThat(send("DELETE", "/v1/volumes/demo?force=1", null).statusCode()).isEqualTo(400);
  }

  @Test
  void withoutZooKeeperTheAnswerIsUnavailableAndSaysSo() throws Exception {
    volumes.failure = new CatalogException("could not list the volumes; check that ZooKeeper runs");
    HttpResponse<String> response = send("GET", "/v1/volumes", null);
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(detail(response)).contains("ZooKeeper");
  }

  @Test
  void aProgrammingErrorTellsNoInternals() throws Exception {
    volumes.failure = new IllegalStateException("secret");
    HttpResponse<String> response = send("GET", "/v1/volumes", null);
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).doesNotContain("secret");
  }

  @Test
  void theServerDescribesItself() throws Exception {
    JsonNode node = JSON.readTree(send("GET", "/v1/server", null).body());
    assertThat(node.path("id").asText()).isEqualTo("alpha");
    assertThat(node.path("members")).hasSize(1);
    assertThat(node.path("store").path("allocatedBytes").asLong()).isEqualTo(10);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void everyOperationOfTheDescriptionExists(String method, String path) throws Exception {
    send("POST", "/v1/volumes", GIB);
    String body =
        method.equals("PATCH") || method.equals("PUT") ? "{\"sizeBytes\":1073741824}" : GIB;
    int status = send(method, path.replace("{name}", "demo"), body).statusCode();
    assertThat(status).isBetween(200, 204);
  }

  @Test
  void everyFieldOfAVolumeIsDescribed() throws Exception {
    JsonNode volume = JSON.readTree(send("POST", "/v1/volumes", GIB).body());
    JsonNode described = description().at("/components/schemas/Volume/properties");
    List<String> fields = new ArrayList<>();
    volume.fieldNames().forEachRemaining(fields::add);
    List<String> names = new ArrayList<>();
    described.fieldNames().forEachRemaining(names::add);
    // Said only of figures that lack somebody's.
    names.remove("missing");
    assertThat(names).containsExactlyInAnyOrderElementsOf(fields);
  }

  @Test
  void aTakenPortIsNamedWithAdvice() throws Exception {
    AdminServer second =
        new AdminServer(
            new InetSocketAddress(InetAddress.getByName("127.0.0.1"), server.port()), List.of());
    assertThatThrownBy(second::start)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("127.0.0.1:" + server.port())
        .hasMessageContaining("choose another admin address");
  }

  @Test
  void closingItTwiceIsAllowed() {
    server.close();
    server.close();
  }

  static Stream<Arguments> operations() {
    List<Arguments> operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : description().path("paths").properties()) {
      path.getValue()
          .fieldNames()
          .forEachRemaining(
              method -> {
                if (!method.equals("parameters")) {
                  operations.add(Arguments.of(method.toUpperCase(Locale.ROOT), path.getKey()));
                }
              });
    }
    return operations.stream();
  }

  private static JsonNode description() {
    List<AdminResource> all = new ArrayList<>(resources(new FakeVolumes(), new FakePeers()));
    all.add(new ApiResource());
    AdminRoutes routes = new AdminRoutes();
    all.forEach(resource -> resource.routes(routes));
    return OpenApi.assemble(all, routes.all());
  }

  private List<AdminResource> resources() {
    return resources(volumes, peers);
  }

  private static List<AdminResource> resources(FakeVolumes volumes, FakePeers peers) {
    FakeServer status = new FakeServer();
    Shares shares = new Shares(status, volumes, new PeerQuestions(peers));
    return List.of(
        new VolumesResource(volumes, volumes, shares, Coordination.ALWAYS, VolumeAccess.NONE),
        new ServerResource(status));
  }

  private HttpResponse<String> send(String method, String path, String body) throws Exception {
    BodyPublisher publisher =
        body == null || method.equals("GET") || method.equals("DELETE")
            ? BodyPublishers.noBody()
            : BodyPublishers.ofString(body);
    return http.send(
        request(path).header("Content-Type", "application/json").method(method, publisher).build(),
        BodyHandlers.ofString());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
        .version(HttpClient.Version.HTTP_1_1)
        .timeout(Duration.ofSeconds(60));
  }

  private static String detail(HttpResponse<String> response) throws IOException {
    return JSON.readTree(response.body()).path("detail").asText();
  }
}
