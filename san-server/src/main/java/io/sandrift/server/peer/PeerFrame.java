package io.sandrift.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.server.block.BlockRequest.Operation;
import io.sandrift.server.block.IoStatus;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * One message between servers: a header of fixed length, big-endian, and data.
 *
 * <pre>
 *    0  kind            1  detail (an operation's or a status's number)    2  zero, 2 bytes
 *    4  id, which the answer repeats                                       8  handle of an open nexus
 *   12  zero, 4 bytes                                                     16  epoch, 8 bytes
 *   24  unit, 8 bytes                                                     32  offset
 *   36  length                                                            40  length of the data
 *   44  CRC32C of the data                                                48  CRC32C of bytes 0 to 47
 * </pre>
 *
 * @param detail 0 to 255
 * @param epoch of an IO see {@link io.sandrift.server.block.BlockRequest#epoch}; of an OPEN, the
 *     nexus's
 * @param length of an IO see {@link io.sandrift.server.block.BlockRequest#length}; of an OPEN, how
 *     often this login has opened its nexus there before; of a CALL, of the topic
 * @param data whoever receives the frame releases it
 */
record PeerFrame(
    Kind kind,
    int detail,
    int id,
    int handle,
    long epoch,
    long unit,
    int offset,
    int length,
    ByteBuf data) {

  /** The version of the protocol that the hello messages agree on; there has been one. */
  static final int VERSION = 1;

  static final int HEADER_BYTES = 52;

  /** The most data of one frame: a unit to compare with and one to write. */
  static final int MAX_DATA_BYTES = 33 << 20;

  private static final int HEADER_CRC = 48;
  private static final int DATA_LENGTH = 40;
  private static final int DATA_CRC = 44;

  /** What a frame is. */
  enum Kind {
    /** First of all, by the side that connected: its version, its name, and a nonce. */
    HELLO(0),
    /** The other side's, and its proof that it knows the secret. */
    WELCOME(1),
    /** The first side's proof. */
    PROOF(2),
    /** Both are who they say; requests may come. */
    READY(3),
    /** Opens a nexus; the unit is the login's trace. */
    OPEN(4),
    /** The nexus of a handle has left. No answer. */
    CLOSE(5),
    /** A block request; the detail is its operation. */
    IO(6),
    /** A call; its data are the topic and the request. */
    CALL(7),
    /** Are you there? */
    PING(8),
    /** Answers any of the above; the detail is a status. */
    ANSWER(9),
    /** Says why the connection is closed; its data are a sentence. */
    REFUSED(10);

    private final int wireValue;

    Kind(int wireValue) {
      this.wireValue = wireValue;
    }
  }

  /** By their number on the wire. */
  private static final List<Kind> KINDS = List.of(Kind.values());

  /** By their number on the wire. */
  private static final List<Operation> OPERATIONS =
      List.of(
          Operation.READ,
          Operation.WRITE,
          Operation.WRITE_ATOMIC,
          Operation.ZERO,
          Operation.COMPARE_AND_WRITE,
          Operation.OR,
          Operation.FLUSH,
          Operation.ALLOCATION);

  private static final List<IoStatus> STATUSES =
      List.of(
          IoStatus.OK,
          IoStatus.MISCOMPARE,
          IoStatus.NO_SPACE,
          IoStatus.MEDIUM_ERROR,
          IoStatus.UNAVAILABLE,
          IoStatus.CUT_OFF,
          IoStatus.FENCED,
          IoStatus.MOVED,
          IoStatus.SPLIT);

  static PeerFrame of(Kind kind, int id, ByteBuf data) {
    return new PeerFrame(kind, 0, id, 0, 0, 0, 0, 0, data);
  }

  static PeerFrame of(Kind kind, int id) {
    return of(kind, id, Unpooled.EMPTY_BUFFER);
  }

  static int numberOf(Operation operation) {
    return OPERATIONS.indexOf(operation);
  }

  static int numberOf(IoStatus status) {
    return STATUSES.indexOf(status);
  }

  /**
   * @throws MalformedFrameException if it is none
   */
  Operation operation() {
    if (detail >= OPERATIONS.size()) {
      throw new MalformedFrameException("there is no operation " + detail);
    }
    return OPERATIONS.get(detail);
  }

  /** Whether {@link #status} knows the detail. */
  boolean hasStatus() {
    return detail < STATUSES.size();
  }

  /**
   * @throws MalformedFrameException if it is none
   */
  IoStatus status() {
    if (detail >= STATUSES.size()) {
      throw new MalformedFrameException("there is no status " + detail);
    }
    return STATUSES.get(detail);
  }

  /**
   * Writes the header of a frame into {@code out} at {@code index}.
   *
   * @param dataLength of the data that follow, whose digest is {@code dataCrc}
   */
  void putHeader(ByteBuf out, int index, int dataLength, int dataCrc, CRC32C crc) {
    out.setByte(index, kind.wireValue);
    out.setByte(index + 1, detail);
    out.setShort(index + 2, 0);
    out.setInt(index + 4, id);
    out.setInt(index + 8, handle);
    out.setInt(index + 12, 0);
    out.setLong(index + 16, epoch);
    out.setLong(index + 24, unit);
    out.setInt(index + 32, offset);
    out.setInt(index + 36, length);
    out.setInt(index + DATA_LENGTH, dataLength);
    out.setInt(index + DATA_CRC, dataCrc);
    out.setInt(index + HEADER_CRC, digest(crc, out, index, HEADER_CRC));
  }

  /**
   * Reads a header; the frame has no data as yet.
   *
   * @throws MalformedFrameException if it is none, or damaged
   */
  static PeerFrame header(ByteBuf in, int index, CRC32C crc) {
    if (digest(crc, in, index, HEADER_CRC) != in.getInt(index + HEADER_CRC)) {
      throw new MalformedFrameException("a header doesn't match its digest");
    }
    int kind = in.getUnsignedByte(index);
    if (kind >= KINDS.size() || in.getShort(index + 2) != 0 || in.getInt(index + 12) != 0) {
      throw new MalformedFrameException("there is no message of kind " + kind);
    }
    return new PeerFrame(
        KINDS.get(kind),
        in.getUnsignedByte(index + 1),
        in.getInt(index + 4),
        in.getInt(index + 8),
        in.getLong(index + 16),
        in.getLong(index + 24),
        in.getInt(index + 32),
        in.getInt(index + 36),
        Unpooled.EMPTY_BUFFER);
  }

  static int dataLength(ByteBuf in, int index) {
    return in.getInt(index + DATA_LENGTH);
  }

  static int dataCrc(ByteBuf in, int index) {
    return in.getInt(index + DATA_CRC);
  }

  PeerFrame with(ByteBuf itsData) {
    return new PeerFrame(kind, detail, id, handle, epoch, unit, offset, length, itsData);
  }

  static int digest(CRC32C crc, ByteBuf buffer, int index, int length) {
    crc.reset();
    if (length > 0) {
      if (buffer.nioBufferCount() == 1) {
        crc.update(buffer.internalNioBuffer(index, length));
      } else {
        for (ByteBuffer part : buffer.nioBuffers(index, length)) {
          crc.update(part);
        }
      }
    }
    return (int) crc.getValue();
  }

  /** The data as bytes; lets them go. */
  byte[] takeBytes() {
    try {
      byte[] bytes = new byte[data.readableBytes()];
      data.getBytes(data.readerIndex(), bytes);
      return bytes;
    } finally {
      data.release();
    }
  }

  /** For a log line. */
  @Override
  public String toString() {
    return kind
        + " "
        + id
        + " detail "
        + detail
        + " handle "
        + handle
        + " unit "
        + unit
        + " "
        + Arrays.asList(offset, length);
  }
}
