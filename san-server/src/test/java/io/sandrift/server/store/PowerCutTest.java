package io.sandrift.server.store;

import static io.sandrift.server.store.Disk.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.sandrift.server.block.IoStatus;
import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Power cuts at random moments. The extent files lose what was not synced but for random pages;
 * RocksDB's directory is copied with its log cut off at a random place behind the last sync, as a
 * file system would leave it.
 */
@Tag("S11")
class PowerCutTest {

  private static final int UNIT = 64 * 1024;
  private static final int BLOCK = 4096;
  private static final int UNITS = 6;

  @TempDir Path temporary;

  static Stream<Long> seeds() {
    return new Random(20261121).longs(40).boxed();
  }

  /** What a block may hold: the version of the last flush, or any that was written later. */
  private static final class History {
    int flushed;
    int latest;
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyFlushedWriteIsThereAndNothingOfAnotherVolumeShows(long seed) throws Exception {
    Random random = new Random(seed);
    VolatileFiles files = new VolatileFiles();
    Path directory = temporary.resolve("store");
    Map<Integer, History> history = new HashMap<>();
    VolumeId kept = new VolumeId(new UUID(1, 1));
    int strangers = 0;

    for (int life = 0; life < 3; life++) {
      ExtentStore store = ExtentStore.open(directory, StoreOptions.DEFAULT, files);
      Disk disk = new Disk(store.replica(kept, UNIT));
      verify(disk, history);
      assertThatNewExtentsAreZero(store, new VolumeId(new UUID(3, life)));
      long syncedLog = logLength(directory);
      for (int step = 0; step < 60; step++) {
        int what = random.nextInt(10);
        if (what < 6) {
          int block = random.nextInt(UNITS * UNIT / BLOCK);
          History of = history.computeIfAbsent(block, missing -> new History());
          of.latest++;
          assertThat(disk.write(unit(block), offset(block), versioned(block, of.latest)))
              .isEqualTo(IoStatus.OK);
        } else if (what < 8) {
          assertThat(disk.flush()).isEqualTo(IoStatus.OK);
          history.values().forEach(of -> of.flushed = of.latest);
          syncedLog = logLength(directory);
        } else {
          // A stranger comes, fills extents with its bytes, and goes: its slots are handed out
          // again.
          VolumeId stranger = new VolumeId(new UUID(2, ++strangers));
          Disk other = new Disk(store.replica(stranger, UNIT));
          for (int unit = 0; unit < 3; unit++) {
            other.write(unit, 0, filled(UNIT, 0xee));
          }
          if (random.nextBoolean()) {
            other.flush();
          }
          store.delete(stranger);
        }
      }
      directory = crash(store, files, directory, syncedLog, random, life);
    }
    try (ExtentStore store = ExtentStore.open(directory, StoreOptions.DEFAULT, files)) {
      verify(new Disk(store.replica(kept, UNIT)), history);
    }
  }

  /**
   * Copies the small state as the disk has it, closes the old store, and cuts the extents' power.
   */
  private Path crash(
      ExtentStore store,
      VolatileFiles files,
      Path directory,
      long syncedLog,
      Random random,
      int life)
      throws Exception {
    Path next = temporary.resolve("store-" + life);
    copy(directory, next);
    Path log = newestLog(next);
    long length = Files.size(log);
    if (length > syncedLog) {
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
        channel.truncate(syncedLog + (long) (random.nextDouble() * (length - syncedLog + 1)));
      }
    }
    files.freeze();
    store.close();
    files.thaw(directory, next);
    files.cutPower(random);
    return next;
  }

  private static void verify(Disk disk, Map<Integer, History> history) throws Exception {
    for (int block = 0; block < UNITS * UNIT / BLOCK; block++) {
      byte[] found = disk.read(unit(block), offset(block), BLOCK);
      History of = history.getOrDefault(block, new History());
      int version = found[0] & 0xff | (found[1] & 0xff) << 8;
      assertThat(version).as("block %d", block).isBetween(of.flushed, of.latest);
      assertThat(found)
          .as("block %d", block)
          .isEqualTo(version == 0 ? new byte[BLOCK] : versioned(block, version));
      of.latest = Math.max(version, of.flushed);
      of.flushed = version;
    }
  }

  /** Whatever slots a new volume gets, all of them that it hasn't written is zeros. */
  private static void assertThatNewExtentsAreZero(ExtentStore store, VolumeId fresh)
      throws Exception {
    Disk disk = new Disk(store.replica(fresh, UNIT));
    for (int unit = 0; unit < 8; unit++) {
      disk.write(unit, 0, filled(BLOCK, 1));
      assertThat(disk.read(unit, BLOCK, UNIT - BLOCK)).isEqualTo(new byte[UNIT - BLOCK]);
    }
    store.delete(fresh);
  }

  private static int unit(int block) {
    return block / (UNIT / BLOCK);
  }

  private static int offset(int block) {
    return block % (UNIT / BLOCK) * BLOCK;
  }

  private static byte[] versioned(int block, int version) {
    byte[] bytes = new byte[BLOCK];
    Arrays.fill(bytes, (byte) (block + 1));
    bytes[0] = (byte) version;
    bytes[1] = (byte) (version >> 8);
    return bytes;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> paths = Files.walk(from)) {
      for (Path path : paths.toList()) {
        Path target = to.resolve(from.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else if (!path.getFileName().toString().endsWith(".so")) {
          Files.copy(path, target);
        }
      }
    }
  }

  private static long logLength(Path directory) throws IOException {
    return Files.size(newestLog(directory));
  }

  private static Path newestLog(Path directory) throws IOException {
    try (Stream<Path> paths = Files.list(directory.resolve("index"))) {
      List<Path> logs = paths.filter(path -> path.toString().endsWith(".log")).sorted().toList();
      return logs.get(logs.size() - 1);
    }
  }
}
