package io.sandrift.server.unit;

import io.sandrift.volume.catalog.VolumeId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;

/**
 * What one server tells another of a unit, big-endian: 1 kind | 16 volume id | 8 revision | state.
 * Its answer is one byte, an {@link Answer}.
 *
 * @param content the state as it is kept, with {@link Kind#TAKE_OVER}; else empty
 */
record UnitMessage(Kind kind, VolumeId volume, long revision, byte[] content) {

  /** The topic of these calls. */
  static final String TOPIC = "unit.state";

  private static final int HEADER_BYTES = 25;

  /** What is to be done. */
  enum Kind {
    /** Take over the state; answered when no command goes on that it has ended. */
    TAKE_OVER(1),
    /** All servers have taken the revision over. */
    SETTLE(2);

    private final int wireValue;

    Kind(int wireValue) {
      this.wireValue = wireValue;
    }
  }

  /** What was done. */
  enum Answer {
    /** The volume isn't served here. */
    NOT_SERVED(0),
    /** Done. */
    DONE(1),
    /** Done, by a process that has gone by an earlier state of this unit already. */
    DONE_BY_WITNESS(2);

    private final int wireValue;

    Answer(int wireValue) {
      this.wireValue = wireValue;
    }
  }

  byte[] encode() {
    return ByteBuffer.allocate(HEADER_BYTES + content.length)
        .put((byte) kind.wireValue)
        .putLong(volume.value().getMostSignificantBits())
        .putLong(volume.value().getLeastSignificantBits())
        .putLong(revision)
        .put(content)
        .array();
  }

  /**
   * @throws IllegalArgumentException if the bytes are none
   */
  static UnitMessage decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      Kind kind = kind(in.get());
      VolumeId volume = new VolumeId(new UUID(in.getLong(), in.getLong()));
      long revision = in.getLong();
      byte[] content = new byte[in.remaining()];
      in.get(content);
      return new UnitMessage(kind, volume, revision, content);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException(
          "a unit's message ends early, after " + bytes.length + " bytes", e);
    }
  }

  static byte[] answer(Answer answer) {
    return new byte[] {(byte) answer.wireValue};
  }

  static Answer decodeAnswer(byte[] bytes) {
    for (Answer answer : Answer.values()) {
      if (bytes.length == 1 && bytes[0] == answer.wireValue) {
        return answer;
      }
    }
    throw new IllegalArgumentException("an answer to a unit's message can't be read");
  }

  private static Kind kind(int wireValue) {
    for (Kind kind : Kind.values()) {
      if (kind.wireValue == wireValue) {
        return kind;
      }
    }
    throw new IllegalArgumentException("a unit's message has kind " + wireValue);
  }
}
