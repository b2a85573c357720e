package io.sandrift.deploy.client;

import io.sandrift.client.BlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CompletableFuture;

/**
 * One side of a copy: a device, or a file. Used by one thread; requests may be under way at once.
 */
interface Endpoint extends AutoCloseable {

  /** How long it is; a file that is being made is as long as was said. */
  long sizeBytes();

  /** What offsets and lengths are multiples of. */
  int blockBytes();

  CompletableFuture<Void> read(long offset, ByteBuffer into);

  CompletableFuture<Void> write(long offset, ByteBuffer from);

  /**
   * Makes everything from {@code offset} on read as zeros, so that zeros needn't be written.
   *
   * @return false if it can't promise that; nothing has changed then
   */
  boolean clearFrom(long offset) throws IOException;

  /** Makes what was written durable. */
  void flush() throws IOException;

  @Override
  void close() throws IOException;

  /** A disk over iSCSI. */
  final class Disk implements Endpoint {

    /**
     * A server zeroes what it gives back, which for much at once takes longer than one request may.
     */
    private static final long CLEAR_BYTES = 1L << 30;

    private final BlockDevice device;
    private final boolean isOurs;

    /**
     * @param isOurs whether it is one of Sandrift's own volumes, which read as zeros where they
     *     were unmapped; others needn't
     */
    Disk(BlockDevice device, boolean isOurs) {
      this.device = device;
      this.isOurs = isOurs;
    }

    @Override
    public long sizeBytes() {
      return device.sizeBytes();
    }

    @Override
    public int blockBytes() {
      return device.blockBytes();
    }

    @Override
    public CompletableFuture<Void> read(long offset, ByteBuffer into) {
      return device.readAsync(offset, into);
    }

    @Override
    public CompletableFuture<Void> write(long offset, ByteBuffer from) {
      return device.writeAsync(offset, from);
    }

    @Override
    public boolean clearFrom(long offset) throws IOException {
      if (!isOurs || !device.info().thin()) {
        return false;
      }
      for (long at = offset; at < device.sizeBytes(); at += CLEAR_BYTES) {
        device.unmap(at, Math.min(CLEAR_BYTES, device.sizeBytes() - at));
      }
      return true;
    }

    @Override
    public void flush() throws IOException {
      device.flush();
    }

    @Override
    public void close() {
      device.close();
    }
  }

  /** A file, with holes where the other side has zeros. */
  final class Image implements Endpoint {

    private final FileChannel channel;
    private final long sizeBytes;

    /**
     * Opens a file to be written.
     *
     * @param sizeBytes how long it will be
     */
    Image(Path file, long sizeBytes) throws IOException {
      this.channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
      return sizeBytes;
    }

    @Override
    public int blockBytes() {
      return 1;
    }

    @Override
    public CompletableFuture<Void> read(long offset, ByteBuffer into) {
      try {
        ByteBuffer rest = into.duplicate();
        while (rest.hasRemaining()) {
          if (channel.read(rest, offset + rest.position() - into.position()) < 0) {
            throw new IOException("the file ends at " + channel.size() + " bytes");
          }
        }
        return CompletableFuture.completedFuture(null);
      } catch (IOException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public CompletableFuture<Void> write(long offset, ByteBuffer from) {
      try {
        ByteBuffer rest = from.duplicate();
        while (rest.hasRemaining()) {
          channel.write(rest, offset + rest.position() - from.position());
        }
        return CompletableFuture.completedFuture(null);
      } catch (IOException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    @Override
    public boolean clearFrom(long offset) throws IOException {
      channel.truncate(offset);
      // A last byte, so that the file has its length however it ends.
      channel.write(ByteBuffer.allocate(1), sizeBytes - 1);
      return true;
    }

    @Override
    public void flush() throws IOException {
      channel.force(true);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
