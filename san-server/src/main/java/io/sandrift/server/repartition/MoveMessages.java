package io.sandrift.server.repartition;

import io.netty.buffer.ByteBuf;
import io.sandrift.volume.catalog.VolumeId;
import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * What source and destination say to each other, as bytes. All numbers are big-endian; each message
 * begins with the move's id, which is drawn anew for each attempt.
 */
final class MoveMessages {

  static final String BEGIN = "repartition.begin";
  static final String DATA = "repartition.data";
  static final String SEAL = "repartition.seal";
  static final String COMMIT = "repartition.commit";
  static final String ABORT = "repartition.abort";

  /** The destination asks an owner whether a move is still being made. */
  static final String IS_UNDER_WAY = "repartition.is-under-way";

  static final byte[] YES = {1};
  static final byte[] NO = {0};

  /** Before a piece's bytes. */
  static final int DATA_HEADER_BYTES = 16 + 4 + 8 + 4 + 4 + 1;

  /** Of the nexuses that are told of; a longer one is cut by the sender. */
  private static final int MAX_NEXUSES = 20_000;

  private static final int MAX_NAMES_BYTES = 3 << 20;

  private MoveMessages() {}

  /** The message is none. */
  static final class MalformedMessageException extends RuntimeException {
    MalformedMessageException(String message) {
      super(message);
    }
  }

  /**
   * Begins a copy.
   *
   * @param epoch of the partition's entry by which the sender owns it
   * @param bytes of the extents that there are now
   */
  record Begin(UUID move, VolumeId volume, int partition, long epoch, long bytes) {

    byte[] encode() {
      return ByteBuffer.allocate(16 + 16 + 4 + 8 + 8)
          .putLong(move.getMostSignificantBits())
          .putLong(move.getLeastSignificantBits())
          .putLong(volume.value().getMostSignificantBits())
          .putLong(volume.value().getLeastSignificantBits())
          .putInt(partition)
          .putLong(epoch)
          .putLong(bytes)
          .array();
    }

    static Begin decode(byte[] message) {
      ByteBuffer in = ByteBuffer.wrap(message);
      try {
        return new Begin(uuid(in), new VolumeId(uuid(in)), in.getInt(), in.getLong(), in.getLong());
      } catch (BufferUnderflowException e) {
        throw new MalformedMessageException("a beginning of " + message.length + " bytes");
      }
    }
  }

  /**
   * A piece's bytes, which follow the header, or that it is zeros, in which case none follow.
   *
   * @param round grows with each seal; a piece of a round that is sealed comes too late
   */
  record Data(UUID move, int round, long unit, int offset, int length, boolean isZero) {

    /**
     * Writes the header; the bytes follow it.
     *
     * @param index where the message begins
     */
    void putHeader(ByteBuf out, int index) {
      out.setLong(index, move.getMostSignificantBits())
          .setLong(index + 8, move.getLeastSignificantBits())
          .setInt(index + 16, round)
          .setLong(index + 20, unit)
          .setInt(index + 28, offset)
          .setInt(index + 32, length)
          .setByte(index + 36, isZero ? 1 : 0);
    }

    /** Reads the header; the message's bytes, if it has any, are what is readable then. */
    static Data decode(ByteBuf message) {
      int size = message.readableBytes();
      if (size < DATA_HEADER_BYTES) {
        throw new MalformedMessageException("a piece of " + size + " bytes");
      }
      Data data =
          new Data(
              new UUID(message.readLong(), message.readLong()),
              message.readInt(),
              message.readLong(),
              message.readInt(),
              message.readInt(),
              message.readBoolean());
      if (data.length < 1
          || data.offset < 0
          || data.unit < 0
          || message.readableBytes() != (data.isZero ? 0 : data.length)) {
        throw new MalformedMessageException("a piece that doesn't fit its message: " + data);
      }
      return data;
    }
  }

  /**
   * Ends the data, for now or for good.
   *
   * @param nexuses the newest epoch of each nexus that the sender knows; empty when more data will
   *     follow
   */
  record Seal(UUID move, int round, Map<String, Long> nexuses) {

    byte[] encode() {
      ByteArrayOutputStream names = new ByteArrayOutputStream();
      int count = 0;
      for (Map.Entry<String, Long> nexus : nexuses.entrySet()) {
        byte[] name = nexus.getKey().getBytes(StandardCharsets.UTF_8);
        if (count == MAX_NEXUSES || names.size() > MAX_NAMES_BYTES) {
          break;
        }
        if (name.length < Short.MAX_VALUE) {
          names.writeBytes(ByteBuffer.allocate(2).putShort((short) name.length).array());
          names.writeBytes(name);
          names.writeBytes(ByteBuffer.allocate(8).putLong(nexus.getValue()).array());
          count++;
        }
      }
      return ByteBuffer.allocate(16 + 4 + 4 + names.size())
          .putLong(move.getMostSignificantBits())
          .putLong(move.getLeastSignificantBits())
          .putInt(round)
          .putInt(count)
          .put(names.toByteArray())
          .array();
    }

    static Seal decode(byte[] message) {
      ByteBuffer in = ByteBuffer.wrap(message);
      try {
        UUID move = uuid(in);
        int round = in.getInt();
        int count = in.getInt();
        if (count < 0 || count > MAX_NEXUSES) {
          throw new MalformedMessageException("a seal with " + count + " nexuses");
        }
        Map<String, Long> nexuses = new HashMap<>();
        for (int i = 0; i < count; i++) {
          byte[] name = new byte[Short.toUnsignedInt(in.getShort())];
          in.get(name);
          nexuses.put(new String(name, StandardCharsets.UTF_8), in.getLong());
        }
        return new Seal(move, round, nexuses);
      } catch (BufferUnderflowException e) {
        throw new MalformedMessageException("a seal of " + message.length + " bytes");
      }
    }
  }

  /** A message that is the move's id alone. */
  static byte[] of(UUID move) {
    return ByteBuffer.allocate(16)
        .putLong(move.getMostSignificantBits())
        .putLong(move.getLeastSignificantBits())
        .array();
  }

  static UUID move(byte[] message) {
    try {
      return uuid(ByteBuffer.wrap(message));
    } catch (BufferUnderflowException e) {
      throw new MalformedMessageException("a message of " + message.length + " bytes");
    }
  }

  /** The question whether any move of a partition to the asker is under way. */
  static byte[] question(VolumeId volume, int partition) {
    return ByteBuffer.allocate(16 + 4)
        .putLong(volume.value().getMostSignificantBits())
        .putLong(volume.value().getLeastSignificantBits())
        .putInt(partition)
        .array();
  }

  private static UUID uuid(ByteBuffer in) {
    return new UUID(in.getLong(), in.getLong());
  }
}
