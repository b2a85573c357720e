package io.sandrift.server.scsi.spc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sandrift.server.scsi.task.Execution;
import io.sandrift.server.scsi.task.Response;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Parameter data under construction: fields are appended big-endian, as all of SCSI has them, and
 * length fields are set once their value is known. Used by one thread.
 */
public final class ParameterData {

  private byte[] bytes = new byte[64];
  private int length;

  /** Appends a byte; only the low eight bits count. */
  public ParameterData u8(int value) {
    reserve(1);
    bytes[length++] = (byte) value;
    return this;
  }

  /** Appends two bytes; only the low 16 bits count. */
  public ParameterData u16(int value) {
    return u8(value >> 8).u8(value);
  }

  /** Appends three bytes; only the low 24 bits count. */
  public ParameterData u24(int value) {
    return u8(value >> 16).u16(value);
  }

  /** Appends four bytes; only the low 32 bits count. */
  public ParameterData u32(long value) {
    return u16((int) (value >> 16)).u16((int) value);
  }

  /** Appends eight bytes. */
  public ParameterData u64(long value) {
    return u32(value >> 32).u32(value);
  }

  /** Appends {@code count} zero bytes. */
  public ParameterData zeros(int count) {
    reserve(count);
    length += count;
    return this;
  }

  /** Appends bytes as they are. */
  public ParameterData bytes(byte[] value) {
    reserve(value.length);
    System.arraycopy(value, 0, bytes, length, value.length);
    length += value.length;
    return this;
  }

  /** Appends ASCII text, cut or padded with spaces to {@code width} bytes. */
  public ParameterData ascii(String text, int width) {
    byte[] field = new byte[width];
    Arrays.fill(field, (byte) ' ');
    byte[] characters = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(characters, 0, field, 0, Math.min(width, characters.length));
    return bytes(field);
  }

  /** How many bytes there are. */
  public int length() {
    return length;
  }

  /** Replaces the byte at {@code offset}. */
  public void setU8(int offset, int value) {
    bytes[offset] = (byte) value;
  }

  /** Replaces the two bytes from {@code offset}. */
  public void setU16(int offset, int value) {
    setU8(offset, value >> 8);
    setU8(offset + 1, value);
  }

  /** Replaces the four bytes from {@code offset}. */
  public void setU32(int offset, long value) {
    setU16(offset, (int) (value >> 16));
    setU16(offset + 2, (int) value);
  }

  /** The bytes so far. */
  public byte[] toArray() {
    return Arrays.copyOf(bytes, length);
  }

  /**
   * GOOD with these bytes, cut to the allocation length (SPC-4); length fields keep telling how
   * much there would have been.
   *
   * @param allocationLength 0 to 4,294,967,295
   */
  public Execution toExecution(long allocationLength) {
    return new Execution.Done(Response.GOOD, toBuffer(allocationLength));
  }

  /** These bytes, cut to the allocation length; the receiver releases the buffer. */
  public ByteBuf toBuffer(long allocationLength) {
    return Unpooled.wrappedBuffer(bytes, 0, (int) Math.min(length, allocationLength));
  }

  private void reserve(int count) {
    if (bytes.length - length < count) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
    }
  }
}
