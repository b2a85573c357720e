package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Partitions move between servers while the volume is written and read, and servers are killed. */
@Tag("S12")
@Tag("S3")
class RepartitionIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final long MIB = 1 << 20;

  /** Where the giving server dies. */
  private static final List<String> SOURCE_STEPS =
      List.of(
          "source-begun",
          "source-copied",
          "source-freezing",
          "source-frozen",
          "source-last-round",
          "source-sealed",
          "source-changed",
          "source-told",
          "source-freed");

  /** Where the taking server dies. */
  private static final List<String> DESTINATION_STEPS =
      List.of(
          "destination-begun",
          "destination-cleared",
          "destination-data",
          "destination-sealed",
          "destination-committing",
          "destination-committed");

  @TempDir Path directory;
  private final HttpClient http = HttpClient.newHttpClient();

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void aServerThatJoinsGetsItsShareAndOneThatLeavesGivesItAwayUnderVerifiedWrites()
      throws Exception {
    try (RunningCluster cluster = RunningCluster.start(2, directory)) {
      cluster.createVolume("v", 64 * MIB);
      try (CheckedLoad load = load(cluster)) {
        load.awaitRounds(1);
        cluster.join("server-3");
        JsonNode plan = post(cluster, "/v1/repartition/plan", "{\"add\":[\"server-3\"]}");
        assertThat(plan.path("bytes").asLong())
            .isPositive()
            .isLessThanOrEqualTo(plan.path("leastBytes").asLong() * 105 / 100);

        String added = run(cluster, "{\"add\":[\"server-3\"]}");
        awaitState(cluster, added, "done");
        assertThat(partitionsOf(cluster, "server-3")).isBetween(20, 22);
        load.awaitRounds(1);

        String paused = run(cluster, "{\"remove\":[\"server-3\"],\"bytesPerSecond\":200000}");
        post(cluster, plans(paused) + "/pause", "{}");
        awaitState(cluster, paused, "paused");
        post(cluster, plans(paused) + "/cancel", "{}");
        awaitState(cluster, paused, "cancelled");
        await().atMost(PATIENCE).until(() -> partitionsOf(cluster, "server-3") >= 20);

        String removed = run(cluster, "{\"remove\":[\"server-3\"]}");
        awaitState(cluster, removed, "done");
        assertThat(partitionsOf(cluster, "server-3")).isZero();

        String undone = post(cluster, plans(removed) + "/undo", "{}").path("id").asText();
        awaitState(cluster, undone, "done");
        assertThat(partitionsOf(cluster, "server-3")).isBetween(20, 22);
        load.awaitRounds(1);
        load.verify();
      }
    }
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void aServerKilledAtAnyStepOfAMoveLosesNothingAndTheMoveIsMade() throws Exception {
    Path fault = directory.resolve("fault");
    try (RunningCluster cluster =
        RunningCluster.startWith(
            List.of("-Dsandrift.fault.file=" + fault), 2, directory, "--peer-patience", "60s")) {
      cluster.createVolume("v", 64 * MIB);
      try (CheckedLoad load = load(cluster)) {
        load.awaitRounds(1);
        String source = "server-1";
        for (String step : SOURCE_STEPS) {
          source = moveAll(cluster, fault, step, source, source);
          load.awaitRounds(1);
        }
        for (String step : DESTINATION_STEPS) {
          source = moveAll(cluster, fault, step, source, other(source));
          load.awaitRounds(1);
        }
        load.verify();
        awaitNoLeftovers(cluster);
      }
    }
  }

  /**
   * Has a server give all its partitions to the other, and starts the one again that dies of it.
   *
   * @return the one that has them now
   */
  private String moveAll(
      RunningCluster cluster, Path fault, String step, String source, String victim)
      throws Exception {
    RunningCluster.Server dying = server(cluster, victim);
    RunningCluster.Server asked = server(cluster, other(victim));
    String plan = run(asked, "{\"remove\":[\"" + source + "\"]}", () -> arm(fault, step));
    await().atMost(PATIENCE).until(() -> !dying.isAlive());
    assertThat(fault).as(step).doesNotExist();
    dying.restart();
    awaitState(asked, plan, "done");
    assertThat(partitionsOf(asked, source)).as("after %s", step).isZero();
    assertThat(partitionsOf(asked, other(source))).as("after %s", step).isEqualTo(64);
    return other(source);
  }

  private static void arm(Path fault, String step) throws Exception {
    Path whole = fault.resolveSibling("fault.new");
    Files.writeString(whole, step);
    Files.move(whole, fault);
  }

  private static String other(String server) {
    return server.equals("server-1") ? "server-2" : "server-1";
  }

  private static RunningCluster.Server server(RunningCluster cluster, String id) {
    return cluster.servers().stream()
        .filter(server -> server.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** What a server has of partitions that others own is freed after a while. */
  private void awaitNoLeftovers(RunningCluster cluster) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              long allocated = 0;
              for (RunningCluster.Server server : cluster.servers()) {
                allocated +=
                    JSON.readTree(cluster.get(server, "/v1/server"))
                        .path("store")
                        .path("allocatedBytes")
                        .asLong();
              }
              return allocated <= 64 * MIB;
            });
  }

  // ---- Load and plans.

  private CheckedLoad load(RunningCluster cluster) throws Exception {
    InitiatorOptions options =
        InitiatorOptions.DEFAULT
            .withQueueDepth(16)
            .withTimeouts(
                Duration.ofSeconds(5),
                Duration.ofSeconds(20),
                Duration.ofMinutes(3),
                Duration.ofMinutes(3));
    Initiator initiator = new Initiator(options);
    String portals = cluster.server(1).portal() + "," + cluster.server(2).portal();
    BlockDevice device =
        initiator.open(DeviceUrl.parse("iscsi://" + portals + "/iqn.2026-11.io.sandrift:v/0"));
    return new CheckedLoad(initiator, device, 64 * MIB);
  }

  private static String plans(String id) {
    return "/v1/repartition/plans/" + id;
  }

  private interface Before {
    void act() throws Exception;
  }

  private String run(RunningCluster cluster, String request) throws Exception {
    return run(cluster.servers().get(0), request, () -> {});
  }

  private String run(RunningCluster.Server asked, String request, Before before) throws Exception {
    // A server that was just started is not registered at once.
    await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(300))
        .until(
            () ->
                send(
                            asked,
                            "/v1/repartition/plan",
                            request.replaceFirst(",\"bytesPerSecond\":\\d+", ""))
                        .statusCode()
                    == 200);
    before.act();
    HttpResponse<String> begun = send(asked, "/v1/repartition/plans", request);
    assertThat(begun.statusCode()).as(begun.body()).isEqualTo(202);
    return JSON.readTree(begun.body()).path("id").asText();
  }

  private JsonNode post(RunningCluster cluster, String path, String body) throws Exception {
    HttpResponse<String> answer = send(cluster.servers().get(0), path, body);
    assertThat(answer.statusCode()).as(answer.body()).isLessThan(300);
    return JSON.readTree(answer.body());
  }

  private HttpResponse<String> send(RunningCluster.Server server, String path, String body)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://" + server.admin() + path))
            .timeout(Duration.ofSeconds(60))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private void awaitState(RunningCluster cluster, String plan, String state) throws Exception {
    awaitState(cluster.servers().get(0), plan, state);
  }

  private void awaitState(RunningCluster.Server asked, String plan, String state) throws Exception {
    String[] last = {""};
    try {
      await()
          .atMost(PATIENCE)
          .pollInterval(Duration.ofMillis(200))
          .ignoreExceptions()
          .until(
              () -> {
                last[0] = body(asked, plans(plan));
                return JSON.readTree(last[0]).path("state").asText().equals(state);
              });
    } catch (RuntimeException e) {
      throw new AssertionError("plan " + plan + " is not " + state + ":\n" + last[0], e);
    }
  }

  private int partitionsOf(RunningCluster cluster, String server) throws Exception {
    return partitionsOf(cluster.servers().get(0), server);
  }

  private int partitionsOf(RunningCluster.Server asked, String server) throws Exception {
    int count = 0;
    for (JsonNode partition : JSON.readTree(body(asked, "/v1/volumes/v/load")).path("partitions")) {
      count += partition.path("server").asText().equals(server) ? 1 : 0;
    }
    return count;
  }

  private String body(RunningCluster.Server server, String path) throws Exception {
    return http.send(
            HttpRequest.newBuilder(URI.create("http://" + server.admin() + path))
                .timeout(Duration.ofSeconds(60))
                .build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }
}
