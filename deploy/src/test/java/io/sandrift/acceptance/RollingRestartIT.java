package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.acceptance.RunningCluster.Server;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The upgrade guide's procedure, with the same version on both sides: each server in turn is
 * drained, stopped, started and let in again, under a client that verifies all that it reads. About
 * 30 s.
 */
@Timeout(900)
class RollingRestartIT {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  /** Commands for a server that is being restarted wait; so long only on a machine that crawls. */
  private static final Duration RESTART_LIMIT = Duration.ofMinutes(4);

  @TempDir static Path directory;

  @Test
  @Tag("S8")
  @Tag("S12")
  void serversAreRestartedOneAfterTheOtherAndTheClientNoticesNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("RollingRestartIT: seed " + seed);
    try (RunningCluster cluster = RunningCluster.start(3, directory, "--peer-patience", "4m")) {
      cluster.createVolume("upgraded", 64L << 20);
      try (Initiator initiator = new Initiator(patient());
          BlockDevice device = initiator.open(DeviceUrl.parse(cluster.server(1).url("upgraded")));
          VerifiedLoad load = VerifiedLoad.start(device, seed)) {
        for (Server server : cluster.servers()) {
          cluster.sandrift("server", "drain", server.id(), "--timeout", "180");
          assertThat(server.stop()).isZero();
          server.restart();
          awaitHealth(cluster);
          cluster.sandrift("server", "undrain", server.id());
          long before = load.operations();
          Awaitility.await()
              .atMost(PATIENCE)
              .until(() -> load.operations() > before + 50 || load.failure() != null);
          assertThat(load.failure()).isNull();
        }
      }
    }
  }

  /** Every server finds all of them there and nothing wrong. */
  private static void awaitHealth(RunningCluster cluster) {
    for (Server server : cluster.servers()) {
      Awaitility.await()
          .atMost(PATIENCE)
          .ignoreExceptions()
          .untilAsserted(
              () -> {
                JsonNode status = JSON.readTree(cluster.get(server, "/v1/cluster"));
                assertThat(status.path("health").asText()).as("%s", status).isEqualTo("ok");
                assertThat(status.path("servers")).hasSize(3);
              });
    }
  }

  private static InitiatorOptions patient() {
    InitiatorOptions usual = InitiatorOptions.DEFAULT;
    return new InitiatorOptions(
        usual.initiatorName(),
        usual.chap(),
        usual.targetChap(),
        usual.parameters(),
        usual.queueDepth(),
        usual.maxRedirects(),
        usual.connectTimeout(),
        usual.loginTimeout(),
        RESTART_LIMIT,
        RESTART_LIMIT,
        usual.nopInterval(),
        usual.nopTimeout());
  }
}
