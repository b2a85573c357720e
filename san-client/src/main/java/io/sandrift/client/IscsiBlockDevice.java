package io.sandrift.client;

import io.sandrift.iscsi.text.SessionParameters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A disk over a session of our own engine. Safe for all threads. */
final class IscsiBlockDevice implements BlockDevice {

  /** Longer requests are cut into commands of this length, which are under way together. */
  private static final int COMMAND_BYTES = 1024 * 1024;

  /** The number of blocks has eight bits. */
  private static final int MAX_COMPARE_BLOCKS = 255;

  private static final int MISCOMPARE = 0x0e;
  private static final int UNMAP_HEADER_BYTES = 8;
  private static final int UNMAP_DESCRIPTOR_BYTES = 16;

  private final InitiatorSession session;
  private final InitiatorOptions options;

  /** Only the size ever changes. */
  private volatile DeviceInfo info;

  private final int commandBytes;

  private IscsiBlockDevice(InitiatorSession session, InitiatorOptions options, DeviceInfo info) {
    this.session = session;
    this.options = options;
    this.info = info;
    long most =
        info.maxTransferBytes() == 0
            ? COMMAND_BYTES
            : Math.min(COMMAND_BYTES, info.maxTransferBytes());
    this.commandBytes = (int) Math.max(info.blockBytes(), most - most % info.blockBytes());
    session.onCapacityChange(this::measureAnew);
  }

  /** The target has said that the device has another size. */
  private void measureAnew() {
    ByteBuffer capacity = ByteBuffer.allocate(32);
    ScsiRequest request = ScsiRequest.reading(Cdb.readCapacity(32), capacity, deadline(options));
    session.submit(request);
    request.outcome.thenAccept(
        received -> {
          if (received >= 12 && capacity.getInt(8) == info.blockBytes()) {
            info = info.withSize((capacity.getLong(0) + 1) * info.blockBytes());
          }
        });
  }

  /** Asks the device what it is. */
  static IscsiBlockDevice probe(
      InitiatorSession session,
      SessionParameters parameters,
      DeviceUrl url,
      InitiatorOptions options)
      throws IOException {
    submit(session, ScsiRequest.plain(Cdb.testUnitReady(), deadline(options)), options);
    ByteBuffer inquiry = read(session, Cdb.inquiry(-1, 96), 96, options);
    int type = inquiry.get(0) & 0x1f;
    if ((inquiry.get(0) & 0xe0) != 0) {
      throw new IOException("there is no logical unit " + url.lun() + " at " + url.target());
    }
    if (type != 0) {
      throw new IOException(
          "logical unit " + url.lun() + " is no disk, but of device type 0x%02x".formatted(type));
    }
    ByteBuffer capacity = read(session, Cdb.readCapacity(32), 32, options);
    int blockBytes = capacity.getInt(8);
    long blocks = capacity.getLong(0) + 1;
    if (blockBytes < 1
        || blockBytes > 64 * 1024
        || blocks < 1
        || blocks > Long.MAX_VALUE / blockBytes) {
      throw new IOException(
          "the device claims " + blocks + " blocks of " + blockBytes + " bytes, which can't be");
    }
    long maxTransfer = 0;
    String serial = "";
    try {
      ByteBuffer limits = read(session, Cdb.inquiry(0xb0, 64), 64, options);
      maxTransfer = Integer.toUnsignedLong(limits.getInt(8)) * blockBytes;
      ByteBuffer unitSerial = read(session, Cdb.inquiry(0x80, 255), 255, options);
      serial = text(unitSerial, 4, Math.min(unitSerial.get(3) & 0xff, 251));
    } catch (ScsiException e) {
      // Neither page is one that every device has.
    }
    DeviceInfo info =
        new DeviceInfo(
            session.portal(),
            url.target().value(),
            text(inquiry, 8, 8),
            text(inquiry, 16, 16),
            text(inquiry, 32, 4),
            serial,
            blocks * blockBytes,
            blockBytes,
            (capacity.get(14) & 0x80) != 0,
            maxTransfer,
            parameters);
    return new IscsiBlockDevice(session, options, info);
  }

  @Override
  public long sizeBytes() {
    return info.sizeBytes();
  }

  @Override
  public int blockBytes() {
    return info.blockBytes();
  }

  @Override
  public DeviceInfo info() {
    return info.at(session.portal());
  }

  @Override
  public CompletableFuture<Void> readAsync(long offset, ByteBuffer destination) {
    return transfer(offset, destination, Kind.READ);
  }

  @Override
  public CompletableFuture<Void> writeAsync(long offset, ByteBuffer source) {
    return transfer(offset, source, Kind.WRITE);
  }

  @Override
  public CompletableFuture<Void> writeDurablyAsync(long offset, ByteBuffer source) {
    return transfer(offset, source, Kind.DURABLE_WRITE);
  }

  @Override
  public CompletableFuture<Boolean> compareAndWriteAsync(
      long offset, ByteBuffer expected, ByteBuffer replacement) {
    int length = expected.remaining();
    check(offset, length);
    int blocks = length / info.blockBytes();
    if (replacement.remaining() != length || blocks > MAX_COMPARE_BLOCKS) {
      throw new IllegalArgumentException(
          "compare and write of "
              + length
              + " bytes by "
              + replacement.remaining()
              + " is not of two equally long runs of at most "
              + MAX_COMPARE_BLOCKS
              + " blocks");
    }
    ByteBuffer both = ByteBuffer.allocate(2 * length);
    both.put(expected.duplicate()).put(replacement.duplicate()).flip();
    ScsiRequest request =
        ScsiRequest.writing(
            Cdb.compareAndWrite(offset / info.blockBytes(), blocks), both, deadline(options));
    session.submit(request);
    CompletableFuture<Boolean> outcome = new CompletableFuture<>();
    request.outcome.whenComplete(
        (done, failure) -> {
          if (failure instanceof ScsiException refusal && refusal.senseKey() == MISCOMPARE) {
            outcome.complete(false);
          } else if (failure != null) {
            outcome.completeExceptionally(failure);
          } else {
            outcome.complete(true);
          }
        });
    return outcome;
  }

  private enum Kind {
    READ,
    WRITE,
    DURABLE_WRITE
  }

  private CompletableFuture<Void> transfer(long offset, ByteBuffer buffer, Kind kind) {
    boolean isRead = kind == Kind.READ;
    int length = buffer.remaining();
    check(offset, length);
    List<CompletableFuture<?>> parts = new ArrayList<>(1);
    for (int done = 0; done < length; done += commandBytes) {
      int part = Math.min(commandBytes, length - done);
      ByteBuffer slice = buffer.slice(buffer.position() + done, part);
      long lba = (offset + done) / info.blockBytes();
      int blocks = part / info.blockBytes();
      ScsiRequest request =
          isRead
              ? ScsiRequest.reading(Cdb.read(lba, blocks), slice, deadline(options))
              : ScsiRequest.writing(
                  Cdb.write(lba, blocks, kind == Kind.DURABLE_WRITE), slice, deadline(options));
      session.submit(request);
      parts.add(
          isRead ? request.outcome.thenAccept(received -> whole(received, part)) : request.outcome);
    }
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new));
  }

  private static void whole(int received, int expected) {
    if (received != expected) {
      throw new UncheckedIOException(
          new IOException(
              "the device sent " + received + " bytes, where " + expected + " were asked for"));
    }
  }

  @Override
  public CompletableFuture<Void> flushAsync() {
    ScsiRequest request = ScsiRequest.plain(Cdb.synchronizeCache(), deadline(options));
    session.submit(request);
    return request.outcome.thenAccept(nothing -> {});
  }

  @Override
  public CompletableFuture<Void> unmapAsync(long offset, long length) {
    check(offset, length);
    long blocks = length / info.blockBytes();
    List<CompletableFuture<?>> parts = new ArrayList<>(1);
    // One descriptor holds 32 bits of blocks; a device takes at least one descriptor.
    long most = 0x7fffffffL - 0x7fffffffL % (COMMAND_BYTES / info.blockBytes());
    for (long done = 0; done < blocks; done += most) {
      int part = (int) Math.min(most, blocks - done);
      ByteBuffer list = ByteBuffer.allocate(UNMAP_HEADER_BYTES + UNMAP_DESCRIPTOR_BYTES);
      list.putShort((short) (list.capacity() - 2)).putShort((short) UNMAP_DESCRIPTOR_BYTES);
      list.putLong(UNMAP_HEADER_BYTES, offset / info.blockBytes() + done)
          .putInt(UNMAP_HEADER_BYTES + 8, part);
      list.position(0);
      ScsiRequest request =
          ScsiRequest.writing(Cdb.unmap(list.capacity()), list, deadline(options));
      session.submit(request);
      parts.add(request.outcome);
    }
    return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new));
  }

  @Override
  public void close() {
    try {
      session.close().get(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      // It closes all the same, only later.
    }
  }

  private void check(long offset, long length) {
    if (offset < 0 || length < 0 || offset > info.sizeBytes() - length) {
      throw new IllegalArgumentException(
          length
              + " bytes at "
              + offset
              + " are not within the device's "
              + info.sizeBytes()
              + " bytes");
    }
    if (offset % info.blockBytes() != 0 || length % info.blockBytes() != 0) {
      throw new IllegalArgumentException(
          length
              + " bytes at "
              + offset
              + " are not whole blocks of "
              + info.blockBytes()
              + " bytes");
    }
  }

  private static long deadline(InitiatorOptions options) {
    return System.nanoTime() + options.commandTimeout().toNanos();
  }

  private static ByteBuffer read(
      InitiatorSession session, byte[] cdb, int length, InitiatorOptions options)
      throws IOException {
    ByteBuffer into = ByteBuffer.allocate(length);
    submit(session, ScsiRequest.reading(cdb, into, deadline(options)), options);
    return into;
  }

  private static void submit(
      InitiatorSession session, ScsiRequest request, InitiatorOptions options) throws IOException {
    session.submit(request);
    try {
      request.outcome.get(options.commandTimeout().toMillis() + 1000, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the device", e);
    } catch (ExecutionException e) {
      throw Failures.of(e);
    } catch (TimeoutException e) {
      throw new IOException(
          "no answer from the device within " + options.commandTimeout().toSeconds() + " s", e);
    }
  }

  private static String text(ByteBuffer data, int offset, int length) {
    byte[] bytes = new byte[length];
    data.get(offset, bytes);
    return new String(bytes, StandardCharsets.US_ASCII).replace('\0', ' ').trim();
  }
}
