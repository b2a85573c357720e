package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import java.util.BitSet;

/**
 * One request to one owner, wherever that is: what {@link PartitionReplica} offers, as a value that
 * can be held, sent and tried again. One thread at a time has it.
 *
 * <p>The buffer is borrowed until {@link #end} is called, which is called once for each time that
 * the request was handed to somebody.
 */
public abstract class BlockRequest {

  /** What is asked for. */
  public enum Operation {
    READ,
    WRITE,
    WRITE_ATOMIC,
    ZERO,
    COMPARE_AND_WRITE,
    OR,
    FLUSH,
    ALLOCATION;

    /** Whether it changes bytes. */
    public boolean isChange() {
      return this != READ && this != FLUSH && this != ALLOCATION;
    }

    /** Whether doing it twice in a row is the same as doing it once. */
    public boolean isRepeatable() {
      return this != COMPARE_AND_WRITE;
    }
  }

  private final Operation operation;
  private final long unit;
  private final int offset;
  private final ByteBuf buffer;
  private final int index;
  private final int length;
  private long epoch;
  private int mismatchOffset;
  private BitSet allocated = new BitSet(0);

  /**
   * @param unit the stripe unit; with ALLOCATION the first, with FLUSH not used
   * @param offset in the unit
   * @param buffer data, or where data go; empty if there are none
   * @param index where in the buffer
   * @param length in bytes, of the range of the volume; with ALLOCATION the number of units
   */
  protected BlockRequest(
      Operation operation, long unit, int offset, ByteBuf buffer, int index, int length) {
    this.operation = operation;
    this.unit = unit;
    this.offset = offset;
    this.buffer = buffer;
    this.index = index;
    this.length = length;
  }

  public final Operation operation() {
    return operation;
  }

  public final long unit() {
    return unit;
  }

  public final int offset() {
    return offset;
  }

  public final ByteBuf buffer() {
    return buffer;
  }

  public final int index() {
    return index;
  }

  public final int length() {
    return length;
  }

  /** How many bytes of the buffer go to the owner. */
  public final int bytesOut() {
    return switch (operation) {
      case WRITE, WRITE_ATOMIC, OR -> length;
      case COMPARE_AND_WRITE -> 2 * length;
      case READ, ZERO, FLUSH, ALLOCATION -> 0;
    };
  }

  /**
   * The epoch of the partition's entry in the map that the request was routed by; with FLUSH and
   * ALLOCATION, which concern all partitions of an owner, the version of that map.
   */
  public final long epoch() {
    return epoch;
  }

  /** Set before each attempt. */
  public final void setEpoch(long epoch) {
    this.epoch = epoch;
  }

  /** With MISCOMPARE, where; see {@link CompareCompletion}. */
  public final int mismatchOffset() {
    return mismatchOffset;
  }

  /** Set before {@link #end} with MISCOMPARE. */
  public final void setMismatchOffset(int offset) {
    mismatchOffset = offset;
  }

  /** The answer to ALLOCATION. */
  public final BitSet allocated() {
    return allocated;
  }

  /** Set before {@link #end} of an ALLOCATION that succeeded. */
  public final void setAllocated(BitSet allocated) {
    this.allocated = allocated;
  }

  /** The attempt is over; on any thread, perhaps before the call that began it returns. */
  public abstract void end(IoStatus status);
}
