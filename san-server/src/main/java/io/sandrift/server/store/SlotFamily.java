package io.sandrift.server.store;

import io.sandrift.server.store.FileLayer.ExtentFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * All slots of one size: where they lie in files, and which of them may be given out. Safe for all
 * threads.
 *
 * <pre>
 *   never used ──take──▶ in use ──give back──▶ dirty ──zeroed and synced──▶ clean ──take──▶ in use
 * </pre>
 *
 * <p>What is clean is known in memory only. A slot that was clean when the process ended is zeroed
 * again after the next start, and the files are cut off behind the last slot that the index knows:
 * so no slot can be taken for zeros that some write, whose index entry was lost with the power, has
 * filled.
 */
final class SlotFamily {

  /** A file holds this many bytes of slots. */
  static final long FILE_BYTES = 16L * 1024 * 1024 * 1024;

  /** 64 TiB in all. */
  static final int MAX_FILES = 4096;

  private final FileLayer layer;
  private final Path directory;
  private final int slotBytes;
  private final int slotsPerFile;
  private final AtomicReferenceArray<@Nullable ExtentFile> files =
      new AtomicReferenceArray<>(MAX_FILES);

  /** Guarded by this. */
  private final ArrayDeque<Long> clean = new ArrayDeque<>();

  /** The first slot that was never used. Guarded by this. */
  private long fresh;

  SlotFamily(FileLayer layer, Path directory, int slotBytes) {
    this.layer = layer;
    this.directory = directory;
    this.slotBytes = slotBytes;
    this.slotsPerFile = (int) (FILE_BYTES / slotBytes);
  }

  int slotBytes() {
    return slotBytes;
  }

  /**
   * Says, once at the start, which slots may have been written; cuts off everything behind them.
   */
  void begin(long firstFresh) throws IOException {
    synchronized (this) {
      fresh = firstFresh;
    }
    for (int index = 0; index < MAX_FILES; index++) {
      Path path = path(index);
      long used = Math.max(0, Math.min(slotsPerFile, firstFresh - (long) index * slotsPerFile));
      if (used == 0 && !path.toFile().exists()) {
        return;
      }
      ExtentFile file = file(index);
      if (file.size() > used * slotBytes) {
        file.truncate(used * slotBytes);
      }
    }
  }

  /**
   * Takes a slot that reads as zeros; a clean one first, so that files grow last. Returns -1 when
   * there is none.
   */
  synchronized long take(boolean mayGrow) {
    Long slot = clean.poll();
    if (slot != null) {
      return slot;
    }
    if (!mayGrow || fresh >= (long) MAX_FILES * slotsPerFile) {
      return -1;
    }
    return fresh++;
  }

  /**
   * Gives out again what {@link #zero} has zeroed and a sync has made durable, or what was taken
   * and not used.
   */
  synchronized void addClean(long slot) {
    clean.add(slot);
  }

  /** Whether a slot can be had without a file growing. */
  synchronized boolean hasClean() {
    return !clean.isEmpty();
  }

  void read(long slot, int offset, ByteBuffer destination) throws IOException {
    fileOf(slot).read(destination, position(slot) + offset);
  }

  void write(long slot, int offset, ByteBuffer source) throws IOException {
    fileOf(slot).write(source, position(slot) + offset);
  }

  /** Fills a part of a slot with zeros. */
  void zero(long slot, int offset, int length) throws IOException {
    ExtentFile file = fileOf(slot);
    long position = position(slot) + offset;
    for (int done = 0; done < length; ) {
      ByteBuffer zeros = Zeros.buffer(length - done);
      int part = zeros.remaining();
      file.write(zeros, position + done);
      done += part;
    }
  }

  int fileIndexOf(long slot) {
    return (int) (slot / slotsPerFile);
  }

  void sync(int fileIndex) throws IOException {
    file(fileIndex).sync();
  }

  /** Makes all open files durable; returns the length of each. */
  synchronized Map<String, Long> syncAll() throws IOException {
    Map<String, Long> lengths = new LinkedHashMap<>();
    for (int i = 0; i < MAX_FILES; i++) {
      ExtentFile file = files.get(i);
      if (file != null) {
        file.sync();
        lengths.put(String.valueOf(path(i).getFileName()), file.size());
      }
    }
    return lengths;
  }

  Path path(int fileIndex) {
    return directory.resolve("extents-" + slotBytes / 1024 + "k-" + fileIndex);
  }

  synchronized void close() throws IOException {
    for (int i = 0; i < MAX_FILES; i++) {
      ExtentFile file = files.getAndSet(i, null);
      if (file != null) {
        file.close();
      }
    }
  }

  private long position(long slot) {
    return slot % slotsPerFile * slotBytes;
  }

  private ExtentFile fileOf(long slot) throws IOException {
    return file(fileIndexOf(slot));
  }

  private ExtentFile file(int index) throws IOException {
    ExtentFile file = files.get(index);
    return file != null ? file : open(index);
  }

  private synchronized ExtentFile open(int index) throws IOException {
    ExtentFile file = files.get(index);
    if (file == null) {
      file = layer.open(path(index));
      files.set(index, file);
    }
    return file;
  }
}
