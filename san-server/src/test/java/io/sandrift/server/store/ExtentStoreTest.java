package io.sandrift.server.store;

import static io.sandrift.server.store.Disk.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sandrift.server.block.IoStatus;
import io.sandrift.server.block.PartitionReplica;
import io.sandrift.volume.catalog.VolumeId;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("S11")
class ExtentStoreTest {

  private static final int UNIT = 1024 * 1024;
  private static final VolumeId A = VolumeId.parse("00000000-0000-0000-0000-00000000000a");
  private static final VolumeId B = VolumeId.parse("00000000-0000-0000-0000-00000000000b");

  @TempDir Path directory;

  @Test
  void whatWasNeverWrittenReadsAsZerosAndTakesNoSpace() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      assertThat(disk.read(5, 100, 4096)).isEqualTo(new byte[4096]);
      assertThat(disk.isAllocated(5)).isFalse();
      assertThat(store.allocatedBytes(A)).isZero();
    }
  }

  @Test
  void aWriteTakesOneExtentAndLeavesTheRestOfItZero() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      assertThat(disk.write(7, 8192, filled(512, 1))).isEqualTo(IoStatus.OK);
      assertThat(disk.read(7, 8192, 512)).isEqualTo(filled(512, 1));
      assertThat(disk.read(7, 8192 + 512, 4096)).isEqualTo(new byte[4096]);
      assertThat(store.allocatedBytes(A)).isEqualTo(UNIT);
    }
  }

  @Test
  void aStoreThatIsOpenedAgainHasItAll() throws Exception {
    try (ExtentStore store = open()) {
      disk(store, A).write(3, 0, filled(4096, 3));
      disk(store, B).write(3, 0, filled(4096, 4));
    }
    try (ExtentStore store = open()) {
      assertThat(disk(store, A).read(3, 0, 4096)).isEqualTo(filled(4096, 3));
      assertThat(disk(store, B).read(3, 0, 4096)).isEqualTo(filled(4096, 4));
      assertThat(store.volumes()).containsExactlyInAnyOrder(A, B);
    }
  }

  @Test
  void aUnitThatIsZeroedWholeGivesItsExtentBack() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(4096, 9));
      assertThat(disk.zero(0, 0, UNIT)).isEqualTo(IoStatus.OK);
      assertThat(disk.isAllocated(0)).isFalse();
      assertThat(disk.read(0, 0, 4096)).isEqualTo(new byte[4096]);
    }
  }

  @Test
  void aUnitThatIsZeroedInPartKeepsTheRest() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(3000, 9));
      disk.zero(0, 1000, 1000);
      assertThat(disk.read(0, 0, 1000)).isEqualTo(filled(1000, 9));
      assertThat(disk.read(0, 1000, 1000)).isEqualTo(new byte[1000]);
      assertThat(disk.read(0, 2000, 1000)).isEqualTo(filled(1000, 9));
    }
  }

  @Test
  void onceReadsWaitForADiskOtherThreadsReadAndWrite() throws Exception {
    VolatileFiles files = new VolatileFiles();
    try (ExtentStore store = open(files)) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(4096, 9));
      files.setReadTime(Duration.ofMillis(2));
      for (int i = 0; i < 8; i++) {
        disk.read(0, 0, 4096);
      }
      assertThat(threadsThatReadAndWrite(store)).doesNotContain(Thread.currentThread());
    }
  }

  @Test
  void onceWritesWaitForADiskOtherThreadsReadAndWrite() throws Exception {
    VolatileFiles files = new VolatileFiles();
    try (ExtentStore store = open(files)) {
      files.setWriteTime(Duration.ofMillis(2));
      for (int i = 0; i < 8; i++) {
        disk(store, A).write(0, 0, filled(4096, 9));
      }
      assertThat(threadsThatReadAndWrite(store)).doesNotContain(Thread.currentThread());
    }
  }

  @Test
  void whoCopiesMayWaitForADiskWithoutSendingClientsRequestsElsewhere() throws Exception {
    VolatileFiles files = new VolatileFiles();
    try (ExtentStore store = open(files)) {
      Disk copying = new Disk(store.replica(A, UNIT).background());
      files.setReadTime(Duration.ofMillis(2));
      files.setWriteTime(Duration.ofMillis(2));
      for (int i = 0; i < 16; i++) {
        copying.write(0, 0, filled(4096, 9));
        copying.read(0, 0, 4096);
      }
      assertThat(threadsThatReadAndWrite(store)).containsOnly(Thread.currentThread());
    }
  }

  /** One that reads a block of A, and one that writes it. */
  private static List<Thread> threadsThatReadAndWrite(ExtentStore store) throws Exception {
    PartitionReplica replica = store.replica(A, UNIT);
    ByteBuf block = Unpooled.directBuffer(4096).writeZero(4096);
    CompletableFuture<Thread> reader = new CompletableFuture<>();
    CompletableFuture<Thread> writer = new CompletableFuture<>();
    replica.read(0, 0, block, 0, 4096, status -> reader.complete(Thread.currentThread()));
    replica.write(0, 0, block, 0, 4096, status -> writer.complete(Thread.currentThread()));
    List<Thread> threads =
        List.of(reader.get(20, TimeUnit.SECONDS), writer.get(20, TimeUnit.SECONDS));
    block.release();
    return threads;
  }

  @Test
  void whoCopiesWaitsHimselfAndTakesNoThreadThatClientsNeed() throws Exception {
    try (ExtentStore store = open()) {
      PartitionReplica copying = store.replica(A, UNIT).background();
      ByteBuf bytes = Unpooled.directBuffer(4096).writeBytes(filled(4096, 9));
      List<Thread> ended = new ArrayList<>();
      copying.write(0, 0, bytes, 0, 4096, status -> ended.add(Thread.currentThread()));
      copying.zero(0, 0, 1024, status -> ended.add(Thread.currentThread()));
      copying.read(0, 0, bytes, 0, 4096, status -> ended.add(Thread.currentThread()));
      assertThat(ended).hasSize(3).containsOnly(Thread.currentThread());
      assertThat(ByteBufUtil.getBytes(bytes, 0, 1024)).isEqualTo(new byte[1024]);
      assertThat(disk(store, A).read(0, 1024, 3072)).isEqualTo(filled(3072, 9));
      bytes.release();
    }
  }

  @Test
  void anExtentThatIsUsedAgainShowsNothingOfItsFormerOwner() throws Exception {
    try (ExtentStore store = open(new StoreOptions(UNIT, 0, 2))) {
      disk(store, A).write(0, 0, filled(UNIT, 0xaa));
      store.delete(A);
      await().atMost(Duration.ofSeconds(20)).until(() -> store.usage().reclaiming() == 0);
      Disk other = disk(store, B);
      assertThat(other.write(9, 0, filled(512, 1))).isEqualTo(IoStatus.OK);
      assertThat(other.read(9, 512, UNIT - 512)).isEqualTo(new byte[UNIT - 512]);
    }
  }

  @Test
  void aVolumeThatWasDeletedTakesNoMoreRequestsAndClaimsNothing() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(512, 1));
      store.delete(A);
      assertThat(disk.write(0, 0, filled(512, 2))).isEqualTo(IoStatus.UNAVAILABLE);
      assertThat(disk.zero(0, 0, UNIT)).isEqualTo(IoStatus.UNAVAILABLE);
      assertThat(disk.flush()).isEqualTo(IoStatus.UNAVAILABLE);
    }
  }

  /** Another thread writes and flushes all the while: each request ends, and nothing is left. */
  @Test
  void aVolumeIsDeletedBelowWritesAndFlushes() throws Exception {
    try (ExtentStore store = open(new StoreOptions(8L * UNIT, 0, 2))) {
      Disk disk = disk(store, A);
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<IoStatus> last =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  IoStatus status = IoStatus.OK;
                  for (int i = 0; status == IoStatus.OK; i++) {
                    status = disk.write(i % 8, 0, filled(4096, i));
                    status = status == IoStatus.OK ? disk.flush() : status;
                    begun.countDown();
                  }
                  return status;
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              });
      assertThat(begun.await(20, TimeUnit.SECONDS)).isTrue();
      store.delete(A);
      assertThat(last.get(20, TimeUnit.SECONDS)).isEqualTo(IoStatus.UNAVAILABLE);
      await().atMost(Duration.ofSeconds(20)).until(() -> store.usage().reclaiming() == 0);
      Disk other = disk(store, B);
      for (int unit = 0; unit < 8; unit++) {
        assertThat(other.write(unit, 0, filled(512, 1))).isEqualTo(IoStatus.OK);
        assertThat(other.read(unit, 512, UNIT - 512)).isEqualTo(new byte[UNIT - 512]);
      }
    }
  }

  /** UNMAP beside flushes: what was unmapped reads as zeros, and the rest is durable. */
  @Test
  void whatIsZeroedWhileAFlushIsUnderWayStaysZero() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      for (int round = 0; round < 20; round++) {
        disk.write(0, 0, filled(4096, 1));
        disk.write(1, 0, filled(4096, 2));
        CompletableFuture<IoStatus> flushed = new CompletableFuture<>();
        store.replica(A, UNIT).flush(flushed::complete);
        assertThat(disk.zero(0, 0, UNIT)).isEqualTo(IoStatus.OK);
        assertThat(flushed.get(20, TimeUnit.SECONDS)).isEqualTo(IoStatus.OK);
        assertThat(disk.isAllocated(0)).isFalse();
        assertThat(disk.read(0, 0, 4096)).isEqualTo(new byte[4096]);
      }
    }
    try (ExtentStore store = open()) {
      assertThat(disk(store, A).isAllocated(0)).isFalse();
      assertThat(disk(store, A).read(1, 0, 4096)).isEqualTo(filled(4096, 2));
    }
  }

  @Test
  void compareAndWriteWritesOnlyWhereItFindsWhatItExpects() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(512, 1));
      assertThat(disk.compareAndWrite(0, 0, filled(512, 2), filled(512, 3)))
          .isEqualTo(IoStatus.MISCOMPARE);
      assertThat(disk.read(0, 0, 512)).isEqualTo(filled(512, 1));
      assertThat(disk.compareAndWrite(0, 0, filled(512, 1), filled(512, 3))).isEqualTo(IoStatus.OK);
      assertThat(disk.read(0, 0, 512)).isEqualTo(filled(512, 3));
    }
  }

  @Test
  void compareAndWriteReachesOverTheEndOfAUnit() throws Exception {
    try (ExtentStore store = open()) {
      Disk disk = disk(store, A);
      assertThat(disk.compareAndWrite(0, UNIT - 512, new byte[1024], filled(1024, 5)))
          .isEqualTo(IoStatus.OK);
      assertThat(disk.read(0, UNIT - 512, 512)).isEqualTo(filled(512, 5));
      assertThat(disk.read(1, 0, 512)).isEqualTo(filled(512, 5));
    }
  }

  @Test
  void aFullStoreRefusesWritesThatNeedSpaceAndTakesThemWhenSomeIsFreed() throws Exception {
    try (ExtentStore store = open(new StoreOptions(2L * UNIT, 0, 2))) {
      Disk disk = disk(store, A);
      assertThat(disk.write(0, 0, filled(512, 1))).isEqualTo(IoStatus.OK);
      assertThat(disk.write(1, 0, filled(512, 1))).isEqualTo(IoStatus.OK);
      assertThat(disk.write(2, 0, filled(512, 1))).isEqualTo(IoStatus.NO_SPACE);
      assertThat(disk.write(1, 512, filled(512, 2)))
          .as("what has its space")
          .isEqualTo(IoStatus.OK);
      assertThat(disk.read(0, 0, 512)).isEqualTo(filled(512, 1));
      disk.zero(0, 0, UNIT);
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> disk.write(2, 0, filled(512, 3)) == IoStatus.OK);
    }
  }

  @Test
  void aDiskThatFillsUpIsSaidToBeFullAndLosesNothing() throws Exception {
    VolatileFiles files = new VolatileFiles();
    try (ExtentStore store = open(files)) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(512, 1));
      files.setFull(true);
      assertThat(disk.write(0, 0, filled(512, 2))).isEqualTo(IoStatus.NO_SPACE);
      assertThat(disk.write(5, 0, filled(512, 2))).isEqualTo(IoStatus.NO_SPACE);
      assertThat(disk.isAllocated(5)).isFalse();
      assertThat(disk.read(0, 0, 512)).isEqualTo(filled(512, 1));
      files.setFull(false);
      assertThat(disk.write(5, 0, filled(512, 2))).isEqualTo(IoStatus.OK);
    }
  }

  @Test
  void theReserveOfTheFileSystemIsLeftAlone() throws Exception {
    VolatileFiles files = new VolatileFiles();
    files.setUsableBytes(10L * UNIT);
    try (ExtentStore store =
        ExtentStore.open(directory, new StoreOptions(0, 10L * UNIT, 2), files)) {
      assertThat(disk(store, A).write(0, 0, filled(512, 1))).isEqualTo(IoStatus.NO_SPACE);
    }
  }

  @Test
  void afterAFailedSyncNoFlushClaimsThatAnythingIsSafe() throws Exception {
    VolatileFiles files = new VolatileFiles();
    try (ExtentStore store = open(files)) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(512, 1));
      files.setSyncFails(true);
      assertThat(disk.flush()).isEqualTo(IoStatus.MEDIUM_ERROR);
      files.setSyncFails(false);
      assertThat(disk.flush()).isEqualTo(IoStatus.MEDIUM_ERROR);
    }
  }

  /** The kernel tells of what it couldn't write only once, to whoever syncs the file first. */
  @Test
  void aSyncOfFreedSpaceThatFailsIsEveryFlushsFailureToo() throws Exception {
    VolatileFiles files = new VolatileFiles();
    try (ExtentStore store = open(files)) {
      Disk disk = disk(store, A);
      disk.write(0, 0, filled(UNIT, 1));
      disk.write(1, 0, filled(512, 1));
      files.setSyncFails(true);
      assertThat(disk.zero(0, 0, UNIT)).isEqualTo(IoStatus.OK);
      await().atMost(Duration.ofSeconds(20)).until(() -> !store.isHealthy());
      files.setSyncFails(false);
      assertThat(disk.flush()).isEqualTo(IoStatus.MEDIUM_ERROR);
    }
  }

  @Test
  void aSecondOpenIsRefusedAndNamesTheHolder() throws Exception {
    try (ExtentStore store = open()) {
      assertThat(store).isNotNull();
      assertThatThrownBy(this::open)
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("in use by process " + ProcessHandle.current().pid());
    }
    open().close();
  }

  @Test
  void aNewerFormatIsRefused() throws Exception {
    open().close();
    Path superblock = directory.resolve("store.json");
    Files.writeString(
        superblock, Files.readString(superblock).replace("\"format\":1", "\"format\":2"));
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("format 2");
  }

  @Test
  void aDamagedSuperblockIsRefused() throws Exception {
    open().close();
    Files.writeString(directory.resolve("store.json"), "{nonsense");
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("store.json is damaged");
  }

  @Test
  void aMissingIndexIsRefused() throws Exception {
    open().close();
    try (Stream<Path> files = Files.walk(directory.resolve("index"))) {
      files.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is missing");
  }

  @Test
  void aDamagedIndexIsRefused() throws Exception {
    try (ExtentStore store = open()) {
      disk(store, A).write(0, 0, filled(512, 1));
    }
    open().close();
    try (Stream<Path> files = Files.list(directory.resolve("index"))) {
      for (Path table : files.filter(path -> path.toString().endsWith(".sst")).toList()) {
        overwrite(table, Files.size(table) / 3, 200);
      }
    }
    Path manifest;
    try (Stream<Path> files = Files.list(directory.resolve("index"))) {
      manifest =
          files
              .filter(path -> path.getFileName().toString().startsWith("MANIFEST"))
              .findFirst()
              .orElseThrow();
    }
    overwrite(manifest, 10, 30);
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("backup");
  }

  @Test
  void anExtentFileThatIsMissingOrTooShortIsRefused() throws Exception {
    try (ExtentStore store = open()) {
      disk(store, A).write(0, 0, filled(UNIT, 1));
    }
    Path file = directory.resolve("extents-1024k-0");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(UNIT / 2);
    }
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("shorter");
    Files.delete(file);
    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("missing");
  }

  @Test
  void aStoreThatWasRefusedIsUnchangedAndOpensWhenItIsMended() throws Exception {
    try (ExtentStore store = open()) {
      disk(store, A).write(0, 0, filled(UNIT, 1));
    }
    Path file = directory.resolve("extents-1024k-0");
    Path aside = directory.resolve("aside");
    Files.move(file, aside);
    assertThatThrownBy(this::open).isInstanceOf(StoreException.class);
    Files.move(aside, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    try (ExtentStore store = open()) {
      assertThat(disk(store, A).read(0, 0, UNIT)).isEqualTo(filled(UNIT, 1));
    }
  }

  private ExtentStore open() throws StoreException {
    return open(StoreOptions.DEFAULT);
  }

  private ExtentStore open(StoreOptions options) throws StoreException {
    return ExtentStore.open(directory, options);
  }

  private ExtentStore open(VolatileFiles files) throws StoreException {
    return ExtentStore.open(directory, StoreOptions.DEFAULT, files);
  }

  private static Disk disk(ExtentStore store, VolumeId id) throws StoreException {
    return new Disk(store.replica(id, UNIT));
  }

  private static void overwrite(Path file, long position, int length) throws Exception {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(filled(length, 0x5a)), position);
    }
  }
}
