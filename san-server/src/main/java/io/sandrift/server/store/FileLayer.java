package io.sandrift.server.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

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
          return new SystemFile(
              FileChannel.open(
                  path,
                  StandardOpenOption.READ,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.CREATE));
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

    private final FileChannel channel;

    SystemFile(FileChannel channel) {
      this.channel = channel;
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
      channel.close();
    }
  }
}
