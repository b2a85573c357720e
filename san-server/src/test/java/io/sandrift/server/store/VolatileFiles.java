package io.sandrift.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * A file layer in memory whose power can be cut: what was written after a file's last sync is then
 * lost, but for a random part of its pages that the kernel happened to have written back. It also
 * fills up, fails, and takes its time, when the test says so.
 */
final class VolatileFiles implements FileLayer {

  static final int PAGE = 4096;

  /**
   * The bytes of one file, by page: what a sync has made durable, and what the page cache holds.
   */
  private static final class Content {
    final TreeMap<Long, byte[]> durable = new TreeMap<>();
    final TreeMap<Long, byte[]> cached = new TreeMap<>();
    long durableSize;
    long size;
  }

  private final Map<Path, Content> files = new HashMap<>();
  private long usableBytes = Long.MAX_VALUE;
  private volatile long readNanos;
  private volatile long writeNanos;
  private boolean isFull;
  private boolean syncFails;

  synchronized void setUsableBytes(long bytes) {
    usableBytes = bytes;
  }

  /** From now on, writing fails as on a full disk, or does so no longer. */
  synchronized void setFull(boolean full) {
    isFull = full;
  }

  /** From now on every read takes at least so long. */
  void setReadTime(Duration time) {
    readNanos = time.toNanos();
  }

  /** From now on every write takes at least so long. */
  void setWriteTime(Duration time) {
    writeNanos = time.toNanos();
  }

  private static void take(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  synchronized void setSyncFails(boolean fails) {
    syncFails = fails;
  }

  private Map<Path, Content> frozen;

  /**
   * Keeps the state of this moment: what the old store does from now on, such as its orderly end,
   * is not to count.
   */
  synchronized void freeze() {
    frozen = new HashMap<>();
    files.forEach((path, content) -> frozen.put(path, copyOf(content)));
  }

  /** Goes back to the frozen state, under the new directory's name. */
  synchronized void thaw(Path oldDirectory, Path newDirectory) {
    files.clear();
    frozen.forEach(
        (path, content) -> files.put(newDirectory.resolve(oldDirectory.relativize(path)), content));
  }

  private static Content copyOf(Content content) {
    Content copy = new Content();
    content.durable.forEach((page, bytes) -> copy.durable.put(page, bytes.clone()));
    content.cached.forEach((page, bytes) -> copy.cached.put(page, bytes.clone()));
    copy.durableSize = content.durableSize;
    copy.size = content.size;
    return copy;
  }

  /** Loses what was not synced, but for some of it. */
  synchronized void cutPower(Random random) {
    for (Content content : files.values()) {
      for (Map.Entry<Long, byte[]> page : content.cached.entrySet()) {
        if (random.nextBoolean()) {
          content.durable.put(page.getKey(), page.getValue().clone());
          content.durableSize =
              Math.max(content.durableSize, Math.min(content.size, (page.getKey() + 1) * PAGE));
        }
      }
      content.cached.clear();
      content.durable.forEach((page, bytes) -> content.cached.put(page, bytes.clone()));
      content.cached.tailMap(pages(content.durableSize)).clear();
      content.size = content.durableSize;
    }
  }

  private static long pages(long size) {
    return (size + PAGE - 1) / PAGE;
  }

  @Override
  public synchronized ExtentFile open(Path path) {
    Content content = files.computeIfAbsent(path, missing -> new Content());
    return new File(content);
  }

  @Override
  public synchronized long usableBytes(Path directory) {
    return usableBytes;
  }

  private final class File implements ExtentFile {

    private final Content content;

    File(Content content) {
      this.content = content;
    }

    @Override
    public void read(ByteBuffer destination, long position) {
      take(readNanos);
      synchronized (VolatileFiles.this) {
        long at = position;
        while (destination.hasRemaining()) {
          int within = (int) (at % PAGE);
          int length = Math.min(PAGE - within, destination.remaining());
          byte[] page = content.cached.get(at / PAGE);
          if (page == null || at >= content.size) {
            destination.put(new byte[length]);
          } else {
            destination.put(page, within, length);
          }
          at += length;
        }
      }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      take(writeNanos);
      synchronized (VolatileFiles.this) {
        if (isFull) {
          throw new IOException("No space left on device");
        }
        long at = position;
        while (source.hasRemaining()) {
          int within = (int) (at % PAGE);
          int length = Math.min(PAGE - within, source.remaining());
          byte[] page = content.cached.computeIfAbsent(at / PAGE, missing -> new byte[PAGE]);
          source.get(page, within, length);
          at += length;
        }
        content.size = Math.max(content.size, at);
      }
    }

    @Override
    public void sync() throws IOException {
      synchronized (VolatileFiles.this) {
        if (syncFails) {
          throw new IOException("Input/output error");
        }
        content.durable.clear();
        content.cached.forEach((page, bytes) -> content.durable.put(page, bytes.clone()));
        content.durableSize = content.size;
      }
    }

    @Override
    public long size() {
      synchronized (VolatileFiles.this) {
        return content.size;
      }
    }

    @Override
    public void truncate(long size) {
      synchronized (VolatileFiles.this) {
        if (size < content.size) {
          content.size = size;
          content.cached.tailMap(pages(size)).clear();
        }
      }
    }

    @Override
    public void close() {}
  }
}
