package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A volume that is striped over three servers, by way of each of them. */
@Timeout(180)
class StripedVolumeIT {

  private static final int UNIT = 1 << 20;
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern SYNCS =
      Pattern.compile("(?m)^sandrift_store_flushes_total(?:\\{[^}]*})? (\\S+)$");

  @TempDir static Path directory;
  private static RunningCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = RunningCluster.start(3, directory);
    cluster.createVolume("striped", 64L * UNIT);
  }

  @AfterAll
  static void stop() throws Exception {
    cluster.close();
  }

  @Test
  @Tag("S1")
  @Tag("S12")
  @Tag("S13")
  void everyServerShowsTheSameBytesOfEveryPartition() throws Exception {
    byte[] bytes = new byte[64 * UNIT];
    new Random(1).nextBytes(bytes);
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT)) {
      try (BlockDevice device = open(initiator, 1)) {
        device.write(0, ByteBuffer.wrap(bytes));
        device.flush();
      }
      for (int server = 1; server <= 3; server++) {
        try (BlockDevice device = open(initiator, server)) {
          byte[] seen = new byte[bytes.length];
          device.read(0, ByteBuffer.wrap(seen));
          assertThat(seen).isEqualTo(bytes);
        }
      }
    }
  }

  @Test
  @Tag("S1")
  @Tag("M3")
  @Tag("I10")
  void everyServerKnowsTheLoadOfEveryServer() {
    for (RunningCluster.Server server : cluster.servers()) {
      await()
          .atMost(Duration.ofSeconds(90))
          .ignoreExceptions()
          .until(
              () -> {
                int known = 0;
                for (JsonNode one :
                    JSON.readTree(cluster.get(server, "/v1/load")).path("servers")) {
                  // A knee is in a sample only: it was measured there, and heard of here.
                  if (one.path("liveness").asText().equals("alive") && one.has("knee")) {
                    known++;
                  }
                }
                return known == 3;
              });
    }
  }

  @Test
  @Tag("S11")
  void whatIsWrittenThroughOneServerIsReadThroughAnotherAtOnce() throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice writer = open(initiator, 1);
        BlockDevice reader = open(initiator, 2)) {
      for (int round = 0; round < 64; round++) {
        byte[] block = new byte[4096];
        block[0] = (byte) round;
        long offset = (long) round * UNIT + 8192;
        writer.write(offset, ByteBuffer.wrap(block));
        byte[] seen = new byte[4096];
        reader.read(offset, ByteBuffer.wrap(seen));
        assertThat(seen[0]).isEqualTo((byte) round);
      }
    }
  }

  @Test
  @Tag("S12")
  void aFlushThroughAnyServerSyncsTheOwnersThatHaveWritesAndNoOthers() throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice writer = open(initiator, 1);
        BlockDevice flusher = open(initiator, 2)) {
      flusher.flush();
      Map<String, Integer> before = syncs();
      writer.write(0, ByteBuffer.wrap(new byte[4096]));
      flusher.flush();
      Map<String, Integer> after = syncs();
      String owner =
          JSON.readTree(cluster.get(cluster.server(1), "/v1/volumes/striped/map"))
              .at("/partitions/0/server")
              .asText();
      after.replaceAll((server, syncs) -> syncs - before.get(server));
      assertThat(after).as("syncs, of which %s owes one", owner).containsEntry(owner, 1);
      assertThat(after.values().stream().mapToInt(Integer::intValue).sum()).isOne();
    }
  }

  /** How often each server has made its disk sync. */
  private static Map<String, Integer> syncs() throws Exception {
    Map<String, Integer> syncs = new TreeMap<>();
    for (RunningCluster.Server server : cluster.servers()) {
      Matcher line = SYNCS.matcher(cluster.get(server, "/metrics"));
      assertThat(line.find()).isTrue();
      syncs.put(server.id(), (int) Double.parseDouble(line.group(1)));
    }
    return syncs;
  }

  private static BlockDevice open(Initiator initiator, int server) throws Exception {
    return initiator.open(DeviceUrl.parse(cluster.server(server).url("striped")));
  }
}
