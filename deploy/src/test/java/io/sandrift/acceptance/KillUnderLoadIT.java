package io.sandrift.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.client.BlockDevice;
import io.sandrift.client.DeviceUrl;
import io.sandrift.client.Initiator;
import io.sandrift.client.InitiatorOptions;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code kill -9} in the middle of writing, a hundred times over one data directory: whatever was
 * acknowledged is there after the restart.
 */
@Tag("S11")
class KillUnderLoadIT {

  private static final int ROUNDS = Integer.getInteger("sandrift.kill.rounds", 100);
  private static final int BLOCK = 4096;
  private static final int PLACES = 512;
  private static final long SPREAD = 5L * 1024 * 1024 / 4096 * 4096;
  private static final int DEPTH = 16;

  @TempDir Path data;

  /** The version that was last acknowledged, and the one that was last sent, for each place. */
  private final AtomicLongArray acknowledged = new AtomicLongArray(PLACES);

  private final AtomicLongArray sent = new AtomicLongArray(PLACES);

  @Test
  @Timeout(value = 20, unit = TimeUnit.MINUTES)
  void everyAcknowledgedWriteSurvivesAHundredKills() throws Exception {
    long seed = Long.getLong("sandrift.seed", System.nanoTime());
    System.out.println("KillUnderLoadIT: -Dsandrift.seed=" + seed);
    Random random = new Random(seed);
    for (int kills = 0; kills <= ROUNDS; kills++) {
      try (RunningServer server = RunningServer.start(data, "--volume-size", "4GiB")) {
        verify(server, kills);
        if (kills < ROUNDS) {
          writeUntilKilled(server, random);
        }
      }
    }
  }

  @Test
  @Timeout(120)
  void aKilledServerLeavesNothingInTheTemporaryDirectory(@TempDir Path temporary) throws Exception {
    List<String> jvm = new ArrayList<>(ClassArchive.options());
    jvm.add(0, "-Djava.io.tmpdir=" + temporary);
    for (int start = 0; start < 2; start++) {
      try (RunningServer server = RunningServer.startWith(jvm, data)) {
        server.kill();
      }
    }
    assertThat(temporary).isEmptyDirectory();
  }

  private void writeUntilKilled(RunningServer server, Random random) throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT.withQueueDepth(DEPTH));
        BlockDevice device = initiator.open(DeviceUrl.parse(server.url()))) {
      Semaphore room = new Semaphore(DEPTH);
      boolean[] busy = new boolean[PLACES];
      long writes = 200 + random.nextInt(2000);
      for (long i = 0; i < writes; i++) {
        room.acquire();
        int place = random.nextInt(PLACES);
        synchronized (busy) {
          if (busy[place]) {
            room.release();
            continue;
          }
          busy[place] = true;
        }
        long version = sent.incrementAndGet(place);
        CompletableFuture<Void> write = device.writeAsync(place * SPREAD, stamped(place, version));
        write.whenComplete(
            (nothing, failure) -> {
              if (failure == null) {
                acknowledged.set(place, version);
              }
              synchronized (busy) {
                busy[place] = failure != null;
              }
              room.release();
            });
        if (i % 97 == 0) {
          device.flushAsync();
        }
      }
      // Up to DEPTH writes are under way at this moment.
      server.kill();
    }
  }

  private void verify(RunningServer server, int kills) throws Exception {
    try (Initiator initiator = new Initiator(InitiatorOptions.DEFAULT);
        BlockDevice device = initiator.open(DeviceUrl.parse(server.url()))) {
      List<ByteBuffer> blocks = new ArrayList<>();
      List<CompletableFuture<Void>> reads = new ArrayList<>();
      for (int place = 0; place < PLACES; place++) {
        blocks.add(ByteBuffer.allocate(BLOCK));
        reads.add(device.readAsync(place * SPREAD, blocks.get(place)));
      }
      for (int place = 0; place < PLACES; place++) {
        reads.get(place).get(60, TimeUnit.SECONDS);
        byte[] found = blocks.get(place).array();
        long version = ByteBuffer.wrap(found).getLong();
        assertThat(version)
            .as("after %d kills, place %d: acknowledged ≤ found ≤ sent", kills, place)
            .isBetween(acknowledged.get(place), sent.get(place));
        if (version > 0) {
          assertThat(found)
              .as("after %d kills, place %d", kills, place)
              .isEqualTo(stamped(place, version).array());
        }
        acknowledged.set(place, version);
        sent.set(place, version);
      }
    }
  }

  private static ByteBuffer stamped(int place, long version) {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    while (block.hasRemaining()) {
      block.putLong(version).putLong(place);
    }
    return block.flip();
  }
}
