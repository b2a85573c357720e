package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import io.sandrift.load.ensemble.Ensemble;
import io.sandrift.load.ensemble.Identity;
import io.sandrift.load.ensemble.Identity.Scheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two servers and the control process of their machine around three real ZooKeepers, by TLS, known
 * by name and password. About 45 s.
 */
@Tag("S1")
@Timeout(300)
class EnsembleIT {

  private static final Duration SOON = Duration.ofSeconds(120);
  private static final Duration SESSION = Duration.ofSeconds(20);
  private static final List<ACL> THE_CLUSTER_ALONE =
      List.of(new ACL(Perms.ALL, new Id("sasl", "sandrift")));

  @TempDir static Path directory;
  private static RunningEnsemble ensemble;
  private static MonitorProcess monitor;
  private static RunningCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    Tool.require("openssl", "openssl");
    ensemble = RunningEnsemble.start(directory.resolve("ensemble"));
    monitor =
        MonitorProcess.start(
            ensemble.connectString(),
            "host-1",
            ensemble.settings().entrySet().stream()
                .collect(Collectors.toMap(one -> variable(one.getKey()), Map.Entry::getValue)));
    List<String> flags = new ArrayList<>(List.of("--monitor-address", monitor.address()));
    ensemble.settings().forEach((key, value) -> flags.addAll(List.of(flag(key), value)));
    cluster =
        RunningCluster.startElsewhere(
            2, directory.resolve("servers"), flags.toArray(new String[0]));
    cluster.createVolume("loaded", 64L << 20);
  }

  @AfterAll
  static void stop() throws Exception {
    if (cluster != null) {
      cluster.close();
    }
    if (monitor != null) {
      monitor.close();
    }
    if (ensemble != null) {
      ensemble.close();
    }
  }

  @Test
  @Tag("S12")
  void aVolumeUnderLoadGoesOnWhenTheEnsemblesLeaderIsKilled() throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = initiator.open(DeviceUrl.parse(cluster.server(1).url("loaded")));
        VerifiedLoad load = VerifiedLoad.start(device, 1)) {
      awaitMore(load);
      int leader = ensemble.leader().orElseThrow();
      ensemble.kill(leader);
      awaitMore(load);
      await().atMost(SOON).until(() -> ensemble.leader().isPresent());
      await().atMost(SOON).ignoreExceptions().until(() -> health().equals("ok"));
      cluster.createVolume("afterwards", 16L << 20);
      awaitMore(load);
      assertThat(load.failure()).isNull();
    }
  }

  @Test
  void nobodyButTheClusterReadsWhatItKeeps() throws Exception {
    try (CuratorFramework ours = client(ensemble.as(us()));
        CuratorFramework stranger = client(ensemble.as(null))) {
      List<String> paths = paths(ours);
      assertThat(paths)
          .contains("/sandrift/secret", "/sandrift/servers/server-2", "/sandrift/volumes/loaded");
      for (String path : paths) {
        try {
          assertThat(ours.getACL().forPath(path)).as(path).isEqualTo(THE_CLUSTER_ALONE);
        } catch (KeeperException.NoNodeException e) {
          // It went in between.
        }
        assertThatThrownBy(() -> stranger.getData().forPath(path))
            .as(path)
            .isInstanceOfAny(
                KeeperException.NoAuthException.class, KeeperException.NoNodeException.class);
      }
      assertThatThrownBy(() -> stranger.getData().forPath("/sandrift/secret"))
          .isInstanceOf(KeeperException.NoAuthException.class);
    }
  }

  @Test
  void whoHasNoCertificateIsNotEvenAnswered() {
    int member = ensemble.leader().orElseThrow();
    assertThat(ensemble.srvr(member, ensemble.identity())).contains("Mode:");
    assertThat(ensemble.srvr(member, null)).isEmpty();
  }

  @Test
  void aServerWithAWrongPasswordIsToldSoAtItsStart() throws Exception {
    Path wrong = Files.writeString(directory.resolve("wrong"), "wrong\n");
    Tool.run(Duration.ofSeconds(20), "chmod", "600", wrong.toString()).expectSuccess();
    List<String> command = new ArrayList<>(List.of("server", "--data-dir"));
    command.add(directory.resolve("stranger").toString());
    command.addAll(List.of("--portals", "127.0.0.1:0", "--admin-address", "127.0.0.1:0"));
    Map<String, String> settings = new HashMap<>(ensemble.settings());
    settings.put("zookeeper.password-file", wrong.toString());
    settings.forEach((key, value) -> command.addAll(List.of(flag(key), value)));
    Tool.Result result = Sandrift.run(command.toArray(new String[0]));
    assertThat(result.exitCode()).isNotZero();
    assertThat(result.output()).contains("doesn't accept sasl:sandrift");
  }

  @Test
  @Tag("I13")
  void theControlProcessOfAMachineIsInTheClusterByTheSameSettings() {
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(
            () -> {
              JsonNode node = json("/v1/load").path("nodes").path(0);
              return node.path("node").asText().equals("host-1")
                  && node.path("instances").size() == 2;
            });
  }

  private static void awaitMore(VerifiedLoad load) {
    long before = load.operations();
    await().atMost(SOON).until(() -> load.failure() != null || load.operations() > before + 300);
    assertThat(load.failure()).isNull();
  }

  private static String health() throws Exception {
    return json("/v1/cluster").path("health").asText();
  }

  private static JsonNode json(String path) throws Exception {
    return new ObjectMapper().readTree(cluster.get(cluster.server(1), path));
  }

  private static Identity us() throws Exception {
    return new Identity(Scheme.SASL, "sandrift", Files.readString(ensemble.passwordFile()).strip());
  }

  private static CuratorFramework client(Ensemble way) {
    CuratorFramework client = way.client(SESSION);
    client.start();
    return client;
  }

  /** All paths of the cluster. */
  private static List<String> paths(CuratorFramework client) throws Exception {
    List<String> paths = new ArrayList<>();
    Deque<String> left = new ArrayDeque<>(List.of(Ensemble.ROOT));
    while (!left.isEmpty()) {
      String path = left.pop();
      paths.add(path);
      try {
        client.getChildren().forPath(path).forEach(child -> left.push(path + "/" + child));
      } catch (KeeperException.NoNodeException e) {
        // It went in between.
      }
    }
    return paths;
  }

  private static String flag(String key) {
    return "--" + key.replace('.', '-');
  }

  private static String variable(String key) {
    return "SANDRIFT_" + key.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT);
  }
}
