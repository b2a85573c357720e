package io.sandrift.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.sandrift.iscsi.codec.Digests;
import io.sandrift.iscsi.codec.PduEncoder;
import io.sandrift.iscsi.pdu.TargetPdu;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Sends a connection's PDUs, several in one buffer and all buffers of a turn in one system call.
 * Confined to the connection's event loop.
 *
 * <p>A task that has data to send asks for {@linkplain #room room} in the batch and has the store
 * read straight into it. Usually the data are there when the read returns, and {@link #commit}
 * makes them part of the batch. When they are not, {@link #detach} leaves the room to the task,
 * which hands it back with {@link #sendDetached} or {@link #dropDetached}, and the batch goes on
 * behind it:
 *
 * <pre>
 *   batch  | PDU | PDU | PDU | header ? | data .............. | trailer ? | free ....
 *                            ^ writer index = start of the room
 * </pre>
 */
final class Transmitter {

  /** A batch's size: enough for a dozen 4 KiB reads, small enough to be pooled cheaply. */
  private static final int BATCH_BYTES = 64 * 1024;

  private final Channel channel;
  private final PduEncoder encoder = new PduEncoder();
  private @Nullable ByteBuf batch;
  private boolean isRoomTaken;
  private long detachedBytes;
  private boolean isTurn;
  private boolean isFlushScheduled;

  Transmitter(Channel channel, Digests digests) {
    this.channel = channel;
    encoder.setDigests(digests);
  }

  /** Whether the peer keeps up; when not, data wait until the channel says that it does again. */
  boolean isWritable() {
    return channel.isWritable();
  }

  /** Bytes that the peer has not read yet, beyond what makes the channel unwritable at all. */
  long backlog() {
    return channel.isWritable() ? 0 : channel.bytesBeforeWritable();
  }

  /** Sends a PDU, copying its data segment, which stays the caller's. */
  void send(TargetPdu pdu) {
    encoder.encode(room(pdu.data().readableBytes()), pdu);
    flushSoon();
  }

  /**
   * Makes room in the batch for a PDU with {@code dataLength} bytes of data. It begins at the
   * buffer's writer index; the data belong {@link #headerSize} bytes further on. To be followed by
   * {@link #commit}, {@link #detach}, or nothing at all.
   */
  ByteBuf room(int dataLength) {
    int size = encoder.sizeOf(dataLength);
    ByteBuf current = batch;
    if (current != null && current.writableBytes() < size) {
      if (current.isReadable()) {
        ship();
      } else {
        current.release();
      }
      current = null;
    }
    if (current == null) {
      int capacity = Math.max(BATCH_BYTES, size);
      current = channel.alloc().directBuffer(capacity, capacity);
      batch = current;
    }
    return current;
  }

  /**
   * Marks the room that {@link #room} gave as being filled, or as no longer: nothing else may go
   * into the batch meanwhile.
   */
  void takeRoom(boolean isTaken) {
    isRoomTaken = isTaken;
  }

  /** Whether somebody is filling a room in the batch now. */
  boolean isRoomTaken() {
    return isRoomTaken;
  }

  int headerSize() {
    return encoder.headerSize();
  }

  /**
   * Completes the PDU in the room that {@link #room} gave, its {@code dataLength} bytes of data
   * being there.
   */
  void commit(TargetPdu pdu, int dataLength) {
    ByteBuf current = Objects.requireNonNull(batch);
    int dataStart = encoder.begin(current, pdu, dataLength);
    encoder.end(current, dataStart, dataLength);
    flushSoon();
  }

  /**
   * Leaves the room that {@link #room} gave for {@code dataLength} bytes to the caller, and the
   * buffer with its indices and the reference to it. The rest of the memory goes on as the batch:
   * what waits for other servers is mostly short, and many such wait at a time.
   */
  void detach(int dataLength) {
    detachedBytes += dataLength;
    ByteBuf current = Objects.requireNonNull(batch);
    int end = current.writerIndex() + encoder.sizeOf(dataLength);
    int rest = current.capacity() - end;
    batch = rest > 0 ? current.retainedSlice(end, rest).clear() : null;
    if (current.isReadable()) {
      write(current.retainedSlice());
    }
  }

  /** Sends a PDU whose data came late, from a detached buffer, which is taken over. */
  void sendDetached(ByteBuf room, int start, TargetPdu pdu, int dataLength) {
    detachedBytes -= dataLength;
    encoder.writeHeader(room, start, pdu, dataLength);
    encoder.writeTrailer(room, start + encoder.headerSize(), dataLength);
    // What was put into the batch before has the smaller StatSN and must go first.
    ship();
    write(room.setIndex(start, start + encoder.sizeOf(dataLength)));
    flushSoon();
  }

  /** Gives a detached buffer back: its data are not to be sent. */
  void dropDetached(ByteBuf room, int dataLength) {
    detachedBytes -= dataLength;
    room.release();
  }

  /** Data that rooms were detached for and that have not been handed back. */
  long detachedBytes() {
    return detachedBytes;
  }

  /** Called when a batch of received PDUs begins: nothing is flushed until {@link #endTurn}. */
  void beginTurn() {
    isTurn = true;
  }

  void endTurn() {
    isTurn = false;
    flush();
  }

  void flush() {
    isFlushScheduled = false;
    ship();
    if (batch != null && !isRoomTaken) {
      // What is left behind rooms that wait would be held for as long as the session is idle.
      batch.release();
      batch = null;
    }
    channel.flush();
  }

  /** Drops what is not sent. */
  void close() {
    if (batch != null) {
      batch.release();
      batch = null;
    }
  }

  private void flushSoon() {
    if (!isTurn && !isFlushScheduled) {
      isFlushScheduled = true;
      channel.eventLoop().execute(this::flush);
    }
  }

  private void ship() {
    ByteBuf current = batch;
    if (current != null && current.isReadable()) {
      batch = null;
      write(current);
    }
  }

  private void write(ByteBuf buffer) {
    channel.write(buffer, channel.voidPromise());
  }
}
