package io.sandrift.server.store;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file system as the extents see it. The tests have one of their own, which forgets what was
 * not synced and fills up when it is told to.
 */
interface FileLayer {

  /** Opens a file for reading and writing, and creates it if need be. */
  ExtentFile open(Path path) throws IOException;

  /** How many bytes can still be written to the file system of {@code directory}. */
  long usableBytes(Path directory) throws IOException;

  /**
   * One file. Its methods may be called by several threads at once; no thread that calls them may
   * be interrupted.
   */
  interface ExtentFile extends Closeable {

    /**
     * Fills the buffer from {@code position} on; what lies behind the end of the file reads as
     * zeros.
     */
    void read(ByteBuffer destination, long position) throws IOException;

    /** Writes all of the buffer at {@code position}. */
    void write(ByteBuffer source, long position) throws IOException;

    /**
     * Writes zeros where nobody else reads or writes meanwhile, and keeps them out of the system's
     * cache if that can be had.
     */
    void wipe(long position, int length) throws IOException;

    /** Makes all that was written durable. */
    void sync() throws IOException;

    long size() throws IOException;

    /**
     * Cuts the file off; what is written behind {@code size} later follows a hole that reads as
     * zeros.
     */
    void truncate(long size) throws IOException;
  }

  /** The real one. */
  FileLayer SYSTEM =
      new FileLayer() {
        @Override
        public ExtentFile open(Path path) throws IOException {
          return SystemFile.open(path);
        }

        @Override
        public long usableBytes(Path directory) throws IOException {
          // Not getFileStore at once, which reads the table of all mounts to find its own.
          long bytes = directory.toFile().getUsableSpace();
          return bytes > 0 ? bytes : Files.getFileStore(directory).getUsableSpace();
        }
      };

  /** A file of the operating system's. */
  final class SystemFile implements ExtentFile {

    private static final Logger LOG = LoggerFactory.getLogger(FileLayer.class);

    private final FileChannel channel;

    /** The same file past the cache; null where the file system has no such thing. */
    private final @Nullable FileChannel uncached;

    private volatile boolean canWipeUncached;

    private SystemFile(FileChannel channel, @Nullable FileChannel uncached) {
      this.channel = channel;
      this.uncached = uncached;
      this.canWipeUncached = uncached != null;
    }

    static SystemFile open(Path path) throws IOException {
      FileChannel channel =
          FileChannel.open(
              path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
      FileChannel uncached = null;
      try {
        uncached = FileChannel.open(path, StandardOpenOption.WRITE, ExtendedOpenOption.DIRECT);
      } catch (IOException | UnsupportedOperationException e) {
        LOG.debug("{} is written through the cache only", path, e);
      }
      return new SystemFile(channel, uncached);
    }

    @Override
    public void read(ByteBuffer destination, long position) throws IOException {
      long at = position;
      while (destination.hasRemaining()) {
        int count = channel.read(destination, at);
        if (count < 0) {
          while (destination.hasRemaining()) {
            destination.put((byte) 0);
          }
          return;
        }
        at += count;
      }
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      writeAll(channel, source, position);
    }

    @Override
    public void wipe(long position, int length) throws IOException {
      if (canWipeUncached) {
        try {
          zero(Objects.requireNonNull(uncached), position, length);
          return;
        } catch (IOException e) {
          // Blocks are larger than our buffer's alignment, for one; a disk's error comes again
          // below.
          LOG.debug("zeros go through the cache from now on", e);
          canWipeUncached = false;
        }
      }
      zero(channel, position, length);
    }

    private static void zero(FileChannel channel, long position, int length) throws IOException {
      for (int done = 0; done < length; ) {
        ByteBuffer zeros = Zeros.buffer(length - done);
        int part = zeros.remaining();
        writeAll(channel, zeros, position + done);
        done += part;
      }
    }

    private static void writeAll(FileChannel channel, ByteBuffer source, long position)
        throws IOException {
      long at = position;
      while (source.hasRemaining()) {
        at += channel.write(source, at);
      }
    }

    @Override
    public void sync() throws IOException {
      // Without the file's times, but with its length and the blocks that it has got: fdatasync.
      channel.force(false);
    }

    @Override
    public long size() throws IOException {
      return channel.size();
    }

    @Override
    public void truncate(long size) throws IOException {
      channel.truncate(size);
    }

    @Override
    public void close() throws IOException {
      try (channel) {
        if (uncached != null) {
          uncached.close();
        }
      }
    }
  }
}
