package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
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
  private static final int FEW_PARTITIONS = 8;
  private static final long FEW_BYTES = 32 * MIB;
  private static final int HOT_DEPTH = 8;

  private static final InitiatorOptions PATIENT =
      InitiatorOptions.DEFAULT
          .withQueueDepth(16)
          .withTimeouts(
              Duration.ofSeconds(5),
              Duration.ofSeconds(20),
              Duration.ofMinutes(3),
              Duration.ofMinutes(3));

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

  /**
   * One cluster, as an operator would use it. The server that joins has the first id, and so is the
   * one that rebalances by itself; a knee of 1 makes load show as pressure on any machine.
   */
  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void aServerJoinsAndIsRemovedAndHotPartitionsAreSpreadUnderVerifiedWrites() throws Exception {
    try (RunningCluster cluster =
        RunningCluster.start(
            2, directory, "--load-knee", "1", "--repartition-auto-rebalance-interval", "1s")) {
      cluster.sandrift("policy", "set", "default", "round-robin");
      cluster.createVolume("v", 64 * MIB);
      try (CheckedLoad load = load(cluster, 64 * MIB)) {
        load.awaitRounds(1);
        cluster.join("server-0", "--repartition-auto-rebalance", "true");
        String added = awaitPlan(cluster, "auto-rebalance");
        awaitState(cluster, added, "done");
        awaitPartitions(cluster, "server-0", 20, 22);
        JsonNode plan = JSON.readTree(body(cluster.server(1), plans(added))).path("plan");
        assertThat(plan.path("bytes").asLong())
            .isPositive()
            .isLessThanOrEqualTo(plan.path("leastBytes").asLong() * 105 / 100);
        load.awaitRounds(1);

        String paused = run(cluster, "{\"remove\":[\"server-0\"],\"bytesPerSecond\":200000}");
        post(cluster, plans(paused) + "/pause", "{}");
        awaitState(cluster, paused, "paused");
        post(cluster, plans(paused) + "/cancel", "{}");
        awaitState(cluster, paused, "cancelled");
        awaitPartitions(cluster, "server-0", 20, 22);

        String undone = post(cluster, plans(added) + "/undo", "{}").path("id").asText();
        awaitState(cluster, undone, "done");
        awaitPartitions(cluster, "server-0", 0, 0);
        awaitState(cluster, run(cluster, "{\"add\":[\"server-0\"]}"), "done");
        awaitPartitions(cluster, "server-0", 20, 22);

        removeAServerThatAClientUses(cluster);
        load.awaitRounds(1);
        load.verify();
      }
      spreadHotPartitions(cluster);
    }
  }

  private void removeAServerThatAClientUses(RunningCluster cluster) throws Exception {
    cluster.createVolume("w", 16 * MIB);
    RunningCluster.Server leaving = server(cluster, "server-0");
    try (Initiator initiator = new Initiator(PATIENT);
        BlockDevice device =
            initiator.open(
                DeviceUrl.parse(
                    "iscsi://"
                        + String.join(",", cluster.server(1).portal(), leaving.portal())
                        + "/iqn.2026-11.io.sandrift:w/0"));
        VerifiedLoad used = VerifiedLoad.start(device, 5)) {
      JsonNode session = session(cluster, "w");
      if (!session.path("server").asText().equals(leaving.id())) {
        cluster.sandrift("session", "move", session.path("id").asText(), "--to", leaving.id());
      }
      await()
          .atMost(PATIENCE)
          .until(() -> session(cluster, "w").path("server").asText().equals(leaving.id()));

      assertThat(cluster.sandrift("server", "remove", leaving.id())).contains("can be stopped now");
      awaitPartitions(cluster, leaving.id(), 0, 0);
      assertThat(session(cluster, "w").path("server").asText()).isNotEqualTo(leaving.id());
      assertThat(cluster.sandrift("server", "remove", leaving.id())).contains("can be stopped now");
      HttpResponse<String> refused =
          send(cluster.server(1), "/v1/repartition/plan", "{\"add\":[\"server-0\"]}");
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("sandrift server undrain server-0");

      leaving.kill();
      await()
          .atMost(PATIENCE)
          .until(() -> !cluster.sandrift("server", "list").contains("server-0"));
      long before = used.operations();
      await()
          .atMost(PATIENCE)
          .until(() -> used.operations() > before + 100 || used.failure() != null);
      assertThat(used.failure()).isNull();
    }
  }

  /**
   * One session's durable writes to a few units, all of partitions of the server that serves it.
   */
  private void spreadHotPartitions(RunningCluster cluster) throws Exception {
    InitiatorOptions options = PATIENT.withQueueDepth(HOT_DEPTH);
    try (Initiator initiator = new Initiator(options);
        BlockDevice device = initiator.open(DeviceUrl.parse(cluster.server(1).url("v")))) {
      String busy = session(cluster, "v").path("server").asText();
      List<Integer> hot =
          partitions(cluster).entrySet().stream()
              .filter(partition -> partition.getValue().equals(busy))
              .map(Map.Entry::getKey)
              .limit(4)
              .toList();
      AtomicBoolean isOver = new AtomicBoolean();
      CompletableFuture<Void> load =
          CompletableFuture.allOf(
              IntStream.range(0, HOT_DEPTH)
                  .mapToObj(i -> writeOn(device, hot.get(i % hot.size()) * MIB, isOver))
                  .toArray(CompletableFuture[]::new));
      ObjectNode plan = awaitPlanThatMoves(cluster, hot);
      plan.remove(List.of("expectedSeconds", "expectedBytesPerSecond"));
      String whole = JSON.createObjectNode().set("plan", plan).toString();
      String id = post(cluster, "/v1/repartition/plans", whole).path("id").asText();
      awaitState(cluster, id, "done");
      Map<Integer, String> owners = partitions(cluster);
      assertThat(hot)
          .as("of %s after %s", owners, plan)
          .anyMatch(partition -> !owners.get(partition).equals(busy));
      isOver.set(true);
      load.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static CompletableFuture<Void> writeOn(
      BlockDevice device, long offset, AtomicBoolean isOver) {
    return device
        .writeDurablyAsync(offset, ByteBuffer.allocate(4096))
        .thenComposeAsync(
            done ->
                isOver.get()
                    ? CompletableFuture.completedFuture(null)
                    : writeOn(device, offset, isOver));
  }

  /** What earlier load has left in the averages may be worth a move, too, at first. */
  private ObjectNode awaitPlanThatMoves(RunningCluster cluster, List<Integer> hot) {
    String request = "{\"rebalance\":\"load\",\"volumes\":[\"v\"]}";
    return await()
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> (ObjectNode) post(cluster, "/v1/repartition/plan", request),
            plan ->
                hot.stream()
                    .anyMatch(
                        partition ->
                            plan.findValues("partition").contains(new IntNode(partition))));
  }

  @Test
  @Timeout(value = 15, unit = TimeUnit.MINUTES)
  void aServerKilledAtAnyStepOfAMoveLosesNothingAndTheMoveIsMade() throws Exception {
    Path fault = directory.resolve("fault");
    try (RunningCluster cluster =
        RunningCluster.startWith(
            List.of("-Dsandrift.fault.file=" + fault), 2, directory, "--peer-patience", "60s")) {
      // Few partitions: what is asked is what becomes of the one that is under way.
      cluster.createVolume("v", FEW_BYTES, FEW_PARTITIONS);
      try (CheckedLoad load = load(cluster, FEW_BYTES)) {
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
    String taker = other(source);
    await(step)
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(partitions(asked).values()).hasSize(FEW_PARTITIONS).containsOnly(taker));
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
              return allocated <= FEW_BYTES;
            });
  }

  // ---- Load and plans.

  private CheckedLoad load(RunningCluster cluster, long bytes) throws Exception {
    Initiator initiator = new Initiator(PATIENT);
    String portals = cluster.server(1).portal() + "," + cluster.server(2).portal();
    BlockDevice device =
        initiator.open(DeviceUrl.parse("iscsi://" + portals + "/iqn.2026-11.io.sandrift:v/0"));
    return new CheckedLoad(initiator, device, bytes);
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

  /** The newest plan once it is one that this user began. */
  private String awaitPlan(RunningCluster cluster, String by) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> JSON.readTree(body(cluster.server(1), "/v1/repartition/plans")).at("/plans/0"),
            plan -> plan.path("by").asText().equals(by))
        .path("id")
        .asText();
  }

  /** The session that uses a volume, once it is the only one. */
  private JsonNode session(RunningCluster cluster, String volume) {
    return await()
        .atMost(PATIENCE)
        .until(
            () ->
                JSON.readTree(body(cluster.server(1), "/v1/sessions?volume=" + volume))
                    .path("sessions"),
            sessions -> sessions.size() == 1)
        .get(0);
  }

  /** Waits until a server owns so many partitions of "v": maps take a moment to get about. */
  private void awaitPartitions(RunningCluster cluster, String server, int least, int most) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(Collections.frequency(partitions(cluster).values(), server))
                    .as("partitions of %s", server)
                    .isBetween(least, most));
  }

  private Map<Integer, String> partitions(RunningCluster cluster) throws Exception {
    return partitions(cluster.server(1));
  }

  /** Whose each partition of "v" is. */
  private Map<Integer, String> partitions(RunningCluster.Server asked) throws Exception {
    Map<Integer, String> owners = new TreeMap<>();
    for (JsonNode partition : JSON.readTree(body(asked, "/v1/volumes/v/load")).path("partitions")) {
      owners.put(partition.path("partition").asInt(), partition.path("server").asText());
    }
    return owners;
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
