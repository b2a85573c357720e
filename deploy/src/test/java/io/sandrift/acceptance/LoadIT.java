package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.server.measure.Metric;
import io.sandrift.server.measure.ServerMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The load of a running server, by every way in which a user meets it. About 25 s. */
@Timeout(240)
class LoadIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final Pattern TYPE_LINE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");

  @TempDir private static Path data;
  private static RunningServer server;

  /** One that reports to the control process of its node, and logs JSON. */
  private static RunningServer onNode;

  private static MonitorProcess monitor;

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(20)).build();

  @BeforeAll
  static void start() throws Exception {
    server = RunningServer.start(data.resolve("first"));
    Path second = data.resolve("second");
    RunningServer.start(second).close();
    int zookeeper = freePort();
    monitor =
        MonitorProcess.start(
            "127.0.0.1:" + zookeeper,
            "host-1",
            Map.of(
                "SANDRIFT_ZOOKEEPER_SCHEME",
                "digest",
                "SANDRIFT_ZOOKEEPER_USER",
                "sandrift",
                "SANDRIFT_ZOOKEEPER_PASSWORD_FILE",
                second.resolve("server-1/zookeeper-password").toString()));
    onNode =
        RunningServer.startWithSettings(
            second,
            "--log-format",
            "json",
            "--zookeeper-embedded-port",
            String.valueOf(zookeeper),
            "--monitor-address",
            monitor.address());
  }

  @AfterAll
  static void stop() throws Exception {
    try (RunningServer first = server;
        MonitorProcess control = monitor;
        RunningServer second = onNode) {
      assertThat(first.isAlive()).isTrue();
    }
  }

  /** Below the ports that the system gives out, so that nobody else gets it meanwhile. */
  private static int freePort() throws Exception {
    for (int attempt = 0; attempt < 100; attempt++) {
      int port = 20_000 + new Random().nextInt(10_000);
      try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: another one.
      }
    }
    throw new AssertionError("no port from 20000 to 30000 is free");
  }

  @Test
  @Tag("S1")
  @Tag("S3")
  @Tag("M3")
  void theLoadOfAServerAndOfItsClientsIsSeenWhileTheyWork() throws Exception {
    Process bench = Sandrift.start("client", "bench", server.url(), "--seconds", "120");
    try {
      JsonNode loaded =
          await()
              .atMost(SOON)
              .ignoreExceptions()
              .until(
                  () -> load("/v1/load?details=true").path("servers").path(0),
                  one ->
                      one.path("liveness").asText().equals("alive")
                          && one.path("readsPerSecond").asDouble() > 0
                          && one.path("pressure").asDouble() > 0
                          && one.path("clients").path(0).path("operationsPerSecond").asDouble() > 0
                          && one.path("clients").path(0).path("locality").size() == 1
                          && one.path("resources").path(0).path("operationsPerSecond").asDouble()
                              > 0);
      assertThat(loaded.path("resources").path(0).path("resource").asText())
          .as("a partition of a volume")
          .matches("[0-9a-f-]{36}/[0-9]+");
      JsonNode client = loaded.path("clients").path(0);
      assertThat(client.path("session").asText()).matches("[0-9a-f]{12}");
      assertThat(client.path("client").asText()).startsWith("iqn.");
    } finally {
      bench.destroy();
    }
  }

  @Test
  @Tag("S1")
  void theCommandsShowTheLoad() throws Exception {
    await().atMost(SOON).until(() -> load("/v1/load").path("servers").size() == 1);
    String id = load("/v1/load").path("servers").path(0).path("server").asText();
    String load = Sandrift.run("load", "--admin", server.admin()).expectSuccess().output();
    assertThat(load).contains("PRESSURE").contains(id).contains("System: mean pressure");
    String top = Sandrift.run("top", "--once", "--admin", server.admin()).expectSuccess().output();
    assertThat(top).contains("KNEE").contains(id);
  }

  @Test
  @Tag("S10")
  void theLoadsHistoryGrows() {
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(() -> load("/v1/load/history?points=2").path("points").size() == 2);
  }

  @Test
  void exactlyTheDeclaredMetricsAreExported() throws Exception {
    Set<String> declared = new TreeSet<>();
    for (Metric metric : ServerMetrics.all()) {
      boolean isCounter = metric.type() == Metric.Type.COUNTER;
      declared.add(
          metric.name()
              + (isCounter ? "_total " : " ")
              + metric.type().name().toLowerCase(Locale.ROOT));
    }
    HttpResponse<String> page = get("/metrics");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
    Set<String> exported = new TreeSet<>();
    Matcher types = TYPE_LINE.matcher(page.body());
    while (types.find()) {
      exported.add(types.group(1) + " " + types.group(2));
    }
    assertThat(exported).isEqualTo(declared);
    assertThat(page.body()).doesNotContain("NaN");
  }

  @Test
  void aServerThatServesIsLiveAndReady() throws Exception {
    assertThat(get("/health/live").statusCode()).isEqualTo(200);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              HttpResponse<String> ready = get("/health/ready");
              assertThat(ready.statusCode()).as(ready.body()).isEqualTo(200);
            });
  }

  @Test
  void theLogIsJsonWhereThatIsSet() throws Exception {
    await().atMost(SOON).until(() -> onNode.output().contains("Registered as"));
    List<String> logged =
        onNode.output().lines().filter(line -> line.contains("Registered as")).toList();
    JsonNode line = JSON.readTree(logged.get(0));
    assertThat(line.path("level").asText()).isEqualTo("INFO");
    assertThat(line.path("formattedMessage").asText()).startsWith("Registered as");
  }

  @Test
  @Tag("I13")
  @Tag("I12")
  @Tag("I7")
  void theControlProcessOfANodeRatesItsInstancesAndTellsTheCluster() {
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(
            () -> {
              JsonNode load = JSON.readTree(get(onNode, "/v1/load").body());
              JsonNode node = load.path("nodes").path(0);
              JsonNode instance = node.path("instances").path(0);
              return node.path("node").asText().equals("host-1")
                  && instance.path("status").asText().equals("serving")
                  && instance.path("rating").asDouble() > 0
                  && instance.path("server").equals(load.path("servers").path(0).path("server"));
            });
  }

  private JsonNode load(String path) throws Exception {
    return JSON.readTree(get(path).body());
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(server, path);
  }

  private HttpResponse<String> get(RunningServer at, String path) throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + at.admin() + path))
            .timeout(Duration.ofSeconds(30))
            .build(),
        BodyHandlers.ofString());
  }
}
