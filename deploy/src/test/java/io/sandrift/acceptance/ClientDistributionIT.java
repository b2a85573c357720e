package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.acceptance.RunningCluster.Server;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.iscsi.text.IscsiName;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
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
 * Clients are distributed over three servers, each a process. Every test has a volume in a service
 * class of its own, so that none disturbs another; what ends a server comes last.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ClientDistributionIT {

  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @TempDir static Path directory;
  private static RunningCluster cluster;

  /** Of the node that server-1 and server-3 are on. */
  private static MonitorProcess monitor;

  @BeforeAll
  static void start() throws Exception {
    cluster =
        RunningCluster.empty(
            directory,
            "--zookeeper-session-timeout",
            "4s",
            // A busy machine is no reason to decide otherwise.
            "--distribution-master-answer",
            "4s",
            "--distribution-reservation-answer",
            "10s",
            "--limits-login-timeout",
            "60s",
            "--distribution-logout-deadline",
            "3s",
            "--distribution-arrival-limit",
            "60s",
            // So that a single client is a load.
            "--load-knee",
            "1");
    monitor = MonitorProcess.start(cluster.zookeeper().getConnectString(), "host-1");
    cluster.launch("server-1", "--monitor-address", monitor.address());
    cluster.launch("server-2");
    cluster.launch("server-3", "--monitor-address", monitor.address());
    cluster.awaitReady();
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> alive(get(server, "/v1/servers")) == 3);
    }
  }

  @AfterAll
  static void stop() throws Exception {
    try (RunningCluster servers = cluster;
        MonitorProcess control = monitor) {
      assertThat(servers.server(2).isAlive()).isTrue();
      assertThat(control).isNotNull();
    }
  }

  @Test
  @Order(1)
  @Tag("S4")
  @Tag("S5")
  @Tag("S6")
  @Tag("S7")
  void roundRobinSpreadsClientsThatAllReachOneServer() throws Exception {
    volume("robin", "robin", "round-robin", "redirect");
    try (Clients clients = new Clients("robin")) {
      for (int i = 0; i < 6; i++) {
        clients.openOnlyAt(cluster.server(1));
      }
      List<JsonNode> sessions = sessions("robin", 6);
      assertThat(servers(sessions)).containsExactly("server-1", "server-2", "server-3");
      for (JsonNode session : sessions) {
        assertThat(session.path("why").path("policy").asText()).isEqualTo("round-robin");
        assertThat(session.path("why").path("to")).isEqualTo(session.path("server"));
      }
    }
  }

  @Test
  @Order(2)
  @Tag("M2")
  @Tag("I4")
  void aRelayCarriesClientsToTheSelectedServers() throws Exception {
    volume("relayed", "relayed", "round-robin", "relay");
    try (Clients clients = new Clients("relayed")) {
      for (int i = 0; i < 6; i++) {
        BlockDevice device = clients.openOnlyAt(cluster.server(1));
        assertThat(device.info().portal()).isEqualTo(cluster.server(1).portal());
        byte[] written = new byte[1 << 20];
        new Random(i).nextBytes(written);
        device.write((long) i << 20, ByteBuffer.wrap(written));
        ByteBuffer read = ByteBuffer.allocate(written.length);
        device.read((long) i << 20, read);
        assertThat(read.array()).isEqualTo(written);
      }
      assertThat(servers(sessions("relayed", 6)))
          .containsExactly("server-1", "server-2", "server-3");
    }
  }

  @Test
  @Order(2)
  @Tag("M2")
  void aClientThatDoesNotFollowARedirectionIsRelayed() throws Exception {
    volume("stubborn", "stubborn", "round-robin", "auto");
    Server reached = cluster.server(1);
    try (Clients clients = new Clients("stubborn")) {
      // In turn each server is selected, so that some are to go elsewhere.
      for (int i = 0; i < 4; i++) {
        BlockDevice device =
            clients.open(
                clients.options().withMaxRedirects(0), reached.portal() + "," + reached.portal());
        assertThat(device.info().portal()).isEqualTo(reached.portal());
        device.write(0, ByteBuffer.allocate(4096));
      }
      assertThat(servers(sessions("stubborn", 4))).hasSizeGreaterThan(1);
    }
  }

  @Test
  @Order(3)
  @Tag("S2")
  @Tag("S8")
  @Tag("S9")
  void anEstablishedSessionMovesWithoutAnErrorOrAStaleBlock() throws Exception {
    volume("moving", "moving", "round-robin", "redirect");
    long seed = System.nanoTime();
    System.out.println("ClientDistributionIT: seed " + seed);
    try (Clients clients = new Clients("moving")) {
      BlockDevice device = clients.open(cluster.server(1));
      JsonNode session = sessions("moving", 1).get(0);
      String id = session.path("id").asText();
      try (VerifiedLoad load = VerifiedLoad.start(device, seed)) {
        for (int i = 0; i < 6; i++) {
          String at = sessions("moving", 1).get(0).path("server").asText();
          String to = "server-" + (Integer.parseInt(at.substring(7)) % 3 + 1);
          long before = load.operations();
          JsonNode moved =
              send(
                  cluster.server(1 + i % 3),
                  "POST",
                  "/v1/sessions/" + id + "/move",
                  "{\"to\":\"" + to + "\",\"reason\":\"a test\"}");
          assertThat(moved.path("server").asText()).as("%s", moved).isEqualTo(to);
          assertThat(moved.path("id").asText()).isEqualTo(id);
          Awaitility.await()
              .atMost(PATIENCE)
              .until(() -> load.operations() > before + 50 || load.failure() != null);
        }
      }
      String shown = cluster.sandrift("session", "show", id);
      assertThat(shown).contains("Why here", "a test", "move from");
      assertThat(cluster.sandrift("session", "list")).contains(id);
    }
  }

  @Test
  @Order(3)
  @Tag("S8")
  void aSessionThatIgnoresTheRequestToLogOutIsDroppedAndGoesOnElsewhere() throws Exception {
    volume("deaf", "deaf", "round-robin", "redirect");
    // It ends at its first error, and otherwise when this test is over.
    Process client =
        Sandrift.start("client", "bench", cluster.server(1).url("deaf"), "--seconds", "600");
    try {
      JsonNode session = sessions("deaf", 1).get(0);
      String at = session.path("server").asText();
      String to = at.equals("server-2") ? "server-3" : "server-2";
      signal(client, "STOP");
      CompletableFuture<HttpResponse<String>> moved =
          HTTP.sendAsync(
              HttpRequest.newBuilder(
                      URI.create(
                          "http://"
                              + cluster.server(1).admin()
                              + "/v1/sessions/"
                              + session.path("id").asText()
                              + "/move"))
                  .timeout(PATIENCE)
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"to\":\"" + to + "\"}"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      sessions("deaf", 0);
      signal(client, "CONT");
      HttpResponse<String> answer = moved.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      assertThat(answer.statusCode()).as("%s", answer.body()).isEqualTo(200);
      JsonNode arrived = JSON.readTree(answer.body());
      assertThat(arrived.path("server").asText()).isEqualTo(to);
      // More than what was under way and came again: it has begun new reads since.
      long many = arrived.path("commands").asLong() + 1000;
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () ->
                  !client.isAlive()
                      || sessionsAt(cluster.server(1), "deaf").get(0).path("commands").asLong()
                          > many);
      assertThat(client.isAlive()).as("a client that had no I/O error").isTrue();
    } finally {
      signal(client, "CONT");
      client.destroyForcibly();
    }
  }

  @Test
  @Order(3)
  @Tag("S2")
  @Tag("S3")
  @Tag("S10")
  void busySessionsOfOneServerAreSpreadByTheAdaptivePolicy() throws Exception {
    volume("crowded", "crowded", "round-robin", "redirect");
    try (Clients clients = new Clients("crowded")) {
      drain("server-2", "server-3");
      for (int i = 0; i < 6; i++) {
        clients.open(cluster.server(1));
      }
      assertThat(servers(sessions("crowded", 6))).containsExactly("server-1");
      undrain("server-2", "server-3");
      policy(
          "crowded",
          "adaptive",
          "redirect",
          "{\"smoothing\":\"2\",\"windows\":\"2\",\"settle\":\"1\"}");
      for (int i = 0; i < 6; i++) {
        clients.work(clients.devices.get(i), i);
      }
      List<JsonNode> spread =
          Awaitility.await()
              .atMost(PATIENCE)
              .ignoreExceptions()
              .until(
                  () -> sessionsAt(cluster.server(1), "crowded"),
                  sessions -> sessions.size() == 6 && servers(sessions).size() > 1);
      assertThat(spread)
          .filteredOn(session -> !session.path("server").asText().equals("server-1"))
          .allSatisfy(
              session -> {
                assertThat(session.path("why").path("policy").asText()).isEqualTo("adaptive");
                assertThat(session.path("why").path("numbers").has("benefit")).isTrue();
              });
    }
  }

  @Test
  @Order(4)
  @Tag("M1")
  @Tag("M3")
  @Tag("M4")
  @Tag("M5")
  void theMasterSelectsForTheServersThatClientsReach() throws Exception {
    volume("mastered", "mastered", "master", "redirect");
    Awaitility.await()
        .atMost(PATIENCE)
        .until(() -> !get(cluster.server(1), "/v1/policies").path("master").isMissingNode());
    String master = get(cluster.server(1), "/v1/policies").path("master").path("server").asText();
    Server slave =
        cluster.servers().stream()
            .filter(server -> !server.id().equals(master))
            .findFirst()
            .orElseThrow();
    try (Clients clients = new Clients("mastered")) {
      // On a busy machine the master may be too slow for one login, which is decided locally then.
      List<JsonNode> byMaster = new ArrayList<>();
      for (int i = 0; i < 10 && byMaster.isEmpty(); i++) {
        clients.open(slave);
        sessions("mastered", i + 1).stream()
            .filter(session -> session.path("why").path("by").asText().equals(master))
            .forEach(byMaster::add);
      }
      assertThat(byMaster).isNotEmpty();
      JsonNode why = byMaster.get(0).path("why");
      assertThat(why.path("policy").asText()).isEqualTo("master");
      assertThat(why.path("from").asText()).isEqualTo(slave.id());
      assertThat(why.path("numbers").has("predicted")).isTrue();
      assertThat(why.path("numbers").has("cpu")).isTrue();
    }
  }

  @Test
  @Order(5)
  void aDrainedServerLosesItsSessionsAndGetsNoNewOnes() throws Exception {
    volume("drained", "drained", "round-robin", "redirect");
    try (Clients clients = new Clients("drained")) {
      for (int i = 0; i < 6; i++) {
        clients.open(cluster.server(3));
      }
      sessions("drained", 6);
      assertThat(cluster.sandrift("server", "drain", "server-3", "--timeout", "120"))
          .contains("server-3 is drained");
      assertThat(servers(sessions("drained", 6))).doesNotContain("server-3");
      clients.open(cluster.server(3));
      assertThat(servers(sessions("drained", 7))).doesNotContain("server-3");
      for (BlockDevice device : clients.devices) {
        device.read(0, ByteBuffer.allocate(4096));
      }
    } finally {
      cluster.sandrift("server", "undrain", "server-3");
    }
  }

  @Test
  @Order(5)
  @Tag("M2")
  void whatADrainedServerRelaysIsSentWhereItIsServed() throws Exception {
    volume("carried", "carried", "round-robin", "relay");
    Server drained = cluster.server(3);
    try (Clients clients = new Clients("carried")) {
      // In turn, but a server that is too busy to answer for once is passed over.
      Set<String> used = Set.of();
      for (int count = 1; count <= 12 && used.size() < 3; count++) {
        clients.open(clients.options(), drained.portal());
        used = servers(sessions("carried", count));
      }
      assertThat(used).hasSize(3);
      drain("server-3");
      for (BlockDevice device : clients.devices) {
        Awaitility.await()
            .atMost(PATIENCE)
            .until(() -> !device.info().portal().equals(drained.portal()));
        device.read(0, ByteBuffer.allocate(4096));
      }
      assertThat(servers(sessions("carried", clients.devices.size()))).doesNotContain("server-3");
    } finally {
      undrain("server-3");
    }
  }

  @Test
  @Order(6)
  @Tag("M6")
  void aLoginIsServedWhileTheMasterIsStopped() throws Exception {
    volume("orphaned", "orphaned", "master", "redirect");
    JsonNode before = get(cluster.server(1), "/v1/policies").path("master");
    Server master = server(before.path("server").asText());
    Server reached =
        cluster.servers().stream().filter(server -> server != master).findFirst().orElseThrow();
    try (Clients clients = new Clients("orphaned")) {
      master.pause();
      try {
        clients.open(reached);
        Awaitility.await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(() -> sessionsAt(reached, "orphaned").size() == 1);
        assertThat(sessionsAt(reached, "orphaned").get(0).path("why").path("by").asText())
            .isNotEqualTo(master.id());
        // Another takes over, with a higher epoch.
        Awaitility.await()
            .atMost(PATIENCE)
            .ignoreExceptions()
            .until(
                () ->
                    get(reached, "/v1/policies").path("master").path("epoch").asLong()
                        > before.path("epoch").asLong());
      } finally {
        master.resume();
      }
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () ->
                  get(master, "/v1/policies").path("master").path("epoch").asLong()
                      > before.path("epoch").asLong());
      awaitReadable(clients.devices.get(0));
      clients.open(reached);
      // Whoever was the master decides no more, unless it has been elected again meanwhile.
      String now = get(reached, "/v1/policies").path("master").path("server").asText();
      assertThat(sessions("orphaned", 2))
          .extracting(session -> session.path("why").path("by").asText())
          .allSatisfy(by -> assertThat(by).isIn(others(master, now)));
    }
  }

  @Test
  @Order(7)
  @Tag("I6")
  void anIntakeWhoseLoadPassesTheThresholdHandsOver() throws Exception {
    volume(
        "brimful",
        "brimful",
        "intake",
        "redirect",
        "{\"threshold\":\"0.1\",\"hysteresis\":\"0.05\",\"silence\":\"60\"}");
    try (Clients clients = new Clients("brimful")) {
      clients.open(cluster.server(2));
      JsonNode intake = confirmedIntake("brimful", cluster.servers(), 0);
      String first = intake.path("server").asText();
      for (int i = 0; i < 3; i++) {
        clients.work(clients.open(cluster.server(2)), i);
      }
      List<JsonNode> early = sessions("brimful", 4);
      JsonNode next = confirmedIntake("brimful", cluster.servers(), intake.path("epoch").asLong());
      assertThat(next.path("server").asText()).isNotEqualTo(first);
      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () ->
                  cluster
                      .get(cluster.server(1), "/v1/assignments?designations=true")
                      .contains("above 0.10"));
      // Those that came earlier stay where they are.
      assertThat(sessions("brimful", 4))
          .extracting(session -> session.path("server"))
          .containsExactlyInAnyOrderElementsOf(
              early.stream().map(session -> session.path("server")).toList());
    }
  }

  @Test
  @Order(7)
  @Tag("I3")
  @Tag("I9")
  @Tag("I13")
  void anIntakeHandsOverOnItsOwnNodeFirst() throws Exception {
    volume(
        "neighbours",
        "neighbours",
        "intake",
        "redirect",
        "{\"choice\":\"identifier\",\"threshold\":\"9\",\"hysteresis\":\"1\",\"silence\":\"60\"}");
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> get(server, "/v1/load").at("/nodes/0/instances").size() == 2);
    }
    try (Clients clients = new Clients("neighbours")) {
      // Each server is to have a part in this class before it is decided about.
      for (Server server : cluster.servers()) {
        clients.open(server);
      }
      // By identifier server-2 would follow. It does so only while server-3 is suspected.
      Awaitility.await()
          .atMost(PATIENCE)
          .until(
              () -> {
                drain("server-2", "server-3");
                awaitIntake("neighbours", "server-1"::equals);
                undrain("server-2", "server-3");
                drain("server-1");
                String follower = awaitIntake("neighbours", id -> !id.equals("server-1"));
                undrain("server-1");
                return follower.equals("server-3");
              });
    } finally {
      undrain("server-1", "server-2", "server-3");
    }
  }

  @Test
  @Order(8)
  @Tag("I3")
  @Tag("I7")
  void anIntakeThatWasStoppedIsNoSecondOneWhenItGoesOn() throws Exception {
    volume(
        "stopped",
        "stopped",
        "intake",
        "redirect",
        "{\"choice\":\"timeout\",\"silence\":\"5\",\"threshold\":\"9\",\"hysteresis\":\"1\"}");
    try (Clients clients = new Clients("stopped")) {
      for (Server server : cluster.servers()) {
        clients.open(server);
      }
      JsonNode intake = confirmedIntake("stopped", cluster.servers(), 0);
      Server stopped = server(intake.path("server").asText());
      List<Server> others = cluster.servers().stream().filter(each -> each != stopped).toList();
      stopped.pause();
      try {
        clients.open(others.get(0));
        JsonNode next = confirmedIntake("stopped", others, intake.path("epoch").asLong());
        assertThat(next.path("server").asText()).isNotEqualTo(stopped.id());
      } finally {
        stopped.resume();
      }
      // It takes over what the others have; one epoch has one intake.
      confirmedIntake("stopped", cluster.servers(), intake.path("epoch").asLong());
      for (BlockDevice device : clients.devices) {
        awaitReadable(device);
      }
    }
  }

  @Test
  @Order(9)
  @Tag("I1")
  @Tag("I2")
  @Tag("I3")
  @Tag("I4")
  @Tag("I5")
  @Tag("I7")
  @Tag("I8")
  @Tag("I10")
  @Tag("I11")
  @Tag("I12")
  void anIntakeThatDiesIsFollowedByAnotherAndItsClientsComeToThatOne() throws Exception {
    String patient = "{\"silence\":\"15\",\"threshold\":\"9\",\"hysteresis\":\"1\"}";
    volume("golden", "gold", "intake", "redirect", patient);
    volume("archived", "archive", "intake", "relay", patient);
    try (Clients gold = new Clients("golden");
        Clients archive = new Clients("archived")) {
      // The first client makes each server look for the intake of its class.
      for (Server server : cluster.servers()) {
        gold.open(server);
        archive.open(server);
      }
      JsonNode intake = confirmedIntake("gold", cluster.servers(), 0);
      confirmedIntake("archive", cluster.servers(), 0);
      String first = intake.path("server").asText();
      for (Server server : cluster.servers()) {
        gold.open(server);
      }
      List<JsonNode> later = sessions("golden", 6);
      assertThat(later.stream().filter(each -> each.path("server").asText().equals(first)).count())
          .as("%s", later)
          .isGreaterThanOrEqualTo(3);
      Server dying = server(first);
      List<Server> others = cluster.servers().stream().filter(server -> server != dying).toList();
      dying.kill();
      JsonNode next = confirmedIntake("gold", others, intake.path("epoch").asLong());
      assertThat(next.path("server").asText()).isNotEqualTo(first);
      // Who came back while nobody had followed yet is served where there was room; who comes now,
      // at the new intake, unless that is too busy to answer for once.
      String asIntake = next.path("server").asText() + " is the intake of gold";
      List<JsonNode> newcomers = new ArrayList<>();
      for (int i = 6; i < 10 && newcomers.isEmpty(); i++) {
        String name = ":golden-" + i;
        gold.open(others.get(0));
        // The clients have the addresses of all servers, and find their way by themselves.
        List<JsonNode> found = sessions(others.get(0), "golden", i + 1);
        assertThat(servers(found)).doesNotContain(first);
        found.stream()
            .filter(each -> each.path("client").asText().endsWith(name))
            .filter(each -> each.path("why").path("reason").asText().startsWith(asIntake))
            .forEach(newcomers::add);
      }
      assertThat(servers(newcomers)).containsExactly(next.path("server").asText());
      // What it stored comes back with it: until then, the clients wait.
      dying.restart();
      for (BlockDevice device : gold.devices) {
        awaitReadable(device);
      }
    }
  }

  // ---- What the tests are made of.

  /** As an initiator's host does: what is told to come again comes again. */
  private static void awaitReadable(BlockDevice device) {
    Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(IOException.class)
        .until(
            () -> {
              device.read(0, ByteBuffer.allocate(4096));
              return true;
            });
  }

  /** All servers but one, and {@code master} in any case. */
  private static List<String> others(Server one, String master) {
    return cluster.servers().stream()
        .map(Server::id)
        .filter(id -> !id.equals(one.id()) || id.equals(master))
        .toList();
  }

  private static Server server(String id) {
    return cluster.servers().stream()
        .filter(server -> server.id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  /** Clients of one volume, each with a name of its own, that know the addresses of all servers. */
  private static final class Clients implements AutoCloseable {

    private final String volume;
    private final List<Initiator> initiators = new ArrayList<>();
    private final List<BlockDevice> devices = new ArrayList<>();
    private final List<VerifiedLoad> loads = new ArrayList<>();

    Clients(String volume) {
      this.volume = volume;
    }

    BlockDevice open(Server reached) throws Exception {
      StringBuilder portals = new StringBuilder(reached.portal());
      for (Server server : cluster.servers()) {
        if (server != reached && server.isAlive()) {
          portals.append(',').append(server.portal());
        }
      }
      return open(options(), portals.toString());
    }

    /** Of one that knows no other way when it is told to come again. */
    BlockDevice openOnlyAt(Server reached) throws Exception {
      return open(options(), reached.portal());
    }

    /** How the next one behaves, unless it is told otherwise. */
    InitiatorOptions options() {
      return InitiatorOptions.DEFAULT
          .withInitiatorName(
              new IscsiName("iqn.2026-11.com.example:" + volume + "-" + initiators.size()))
          .withTimeouts(
              Duration.ofSeconds(10),
              Duration.ofSeconds(30),
              Duration.ofSeconds(90),
              Duration.ofSeconds(90));
    }

    BlockDevice open(InitiatorOptions options, String portals) throws Exception {
      Initiator initiator = new Initiator(options);
      initiators.add(initiator);
      BlockDevice device =
          initiator.open(
              DeviceUrl.parse("iscsi://" + portals + "/iqn.2026-11.io.sandrift:" + volume + "/0"));
      devices.add(device);
      return device;
    }

    /** Has one read and write until all are closed, in a part of the volume of its own. */
    void work(BlockDevice device, int part) {
      loads.add(VerifiedLoad.start(device, part, part));
    }

    @Override
    public void close() throws Exception {
      for (VerifiedLoad load : loads) {
        load.close();
      }
      devices.forEach(BlockDevice::close);
      initiators.forEach(Initiator::close);
    }
  }

  private static void volume(String name, String service, String policy, String link)
      throws Exception {
    volume(name, service, policy, link, "{}");
  }

  private static void volume(
      String name, String service, String policy, String link, String parameters) throws Exception {
    policy(service, policy, link, parameters);
    send(
        cluster.server(1),
        "POST",
        "/v1/volumes",
        "{\"name\":\"" + name + "\",\"sizeBytes\":67108864,\"serviceClass\":\"" + service + "\"}");
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(() -> get(server, "/v1/volumes/" + name).path("online").asBoolean());
    }
  }

  private static void policy(String service, String policy, String link, String parameters)
      throws Exception {
    for (Server server : cluster.servers()) {
      // All see it at once, as each has its own watch.
      send(
          server,
          "PUT",
          "/v1/policies/" + service,
          "{\"policy\":\""
              + policy
              + "\",\"link\":\""
              + link
              + "\",\"parameters\":"
              + parameters
              + "}");
    }
  }

  /** Begins to drain servers; returns when all know it. */
  private static void drain(String... ids) throws Exception {
    setDraining(true, ids);
  }

  private static void undrain(String... ids) throws Exception {
    setDraining(false, ids);
  }

  private static void setDraining(boolean drains, String... ids) throws Exception {
    for (String id : ids) {
      String path = "/v1/servers/" + id + (drains ? "/drain" : "/undrain");
      send(cluster.server(1), "POST", path, "{}");
    }
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .until(
              () -> {
                int agreeing = 0;
                for (JsonNode each : get(server, "/v1/servers").path("servers")) {
                  boolean isAsked = List.of(ids).contains(each.path("id").asText());
                  agreeing += isAsked && each.path("draining").asBoolean() == drains ? 1 : 0;
                }
                return agreeing == ids.length;
              });
    }
  }

  /** The intake that all servers' lists have, once it is such a one. */
  private static String awaitIntake(String service, Predicate<String> wanted) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> confirmedIntake(service, cluster.servers(), 0).path("server").asText(),
            wanted::test);
  }

  private static void signal(Process process, String name) throws Exception {
    Tool.run(PATIENCE, "kill", "-" + name, Long.toString(process.pid()));
  }

  /** The volume's sessions, once there are so many. */
  private static List<JsonNode> sessions(String volume, int count) {
    return sessions(cluster.server(1), volume, count);
  }

  private static List<JsonNode> sessions(Server asked, String volume, int count) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> sessionsAt(asked, volume), sessions -> sessions.size() == count);
  }

  private static List<JsonNode> sessionsAt(Server asked, String volume) throws Exception {
    List<JsonNode> sessions = new ArrayList<>();
    get(asked, "/v1/sessions?volume=" + volume).path("sessions").forEach(sessions::add);
    return sessions;
  }

  private static Set<String> servers(List<JsonNode> sessions) {
    Set<String> servers = new TreeSet<>();
    sessions.forEach(session -> servers.add(session.path("server").asText()));
    return servers;
  }

  /** The intake of a service, once the lists of all these servers have the same, confirmed. */
  private static JsonNode confirmedIntake(String service, List<Server> asked, long afterEpoch) {
    return Awaitility.await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(
            () -> {
              JsonNode common = null;
              for (Server server : asked) {
                JsonNode intake = get(server, "/v1/policies/" + service).path("intake");
                boolean isSettled =
                    intake.path("confirmed").asBoolean()
                        && intake.path("server").isTextual()
                        && intake.path("epoch").asLong() > afterEpoch
                        && (common == null || common.equals(intake));
                if (!isSettled) {
                  return null;
                }
                common = intake;
              }
              return common;
            },
            intake -> intake != null);
  }

  private static long alive(JsonNode servers) {
    long alive = 0;
    for (JsonNode server : servers.path("servers")) {
      alive += server.path("state").asText().equals("alive") ? 1 : 0;
    }
    return alive;
  }

  private static JsonNode get(Server server, String path) throws Exception {
    return JSON.readTree(cluster.get(server, path));
  }

  private static JsonNode send(Server server, String method, String path, String body)
      throws Exception {
    HttpResponse<String> response =
        HTTP.send(
            HttpRequest.newBuilder(URI.create("http://" + server.admin() + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode() / 100).as("%s", response.body()).isEqualTo(2);
    return JSON.readTree(response.body());
  }
}
