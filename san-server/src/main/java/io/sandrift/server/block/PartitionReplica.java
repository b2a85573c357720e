package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;

/**
 * One server's share of one volume: the bytes of the partitions that it owns.
 *
 * <p>Addresses are a stripe unit's index in the volume and an offset in bytes within that unit. A
 * {@link #read}, {@link #write} or {@link #zero} does not cross the end of its unit; the atomic
 * requests may, as long as all their units are this server's. Bytes never written, or zeroed, read
 * as zeros. Methods may be called from any thread, concurrently; overlapping requests take effect
 * in some order, each byte from one of them.
 *
 * <p>Buffers are borrowed: the caller keeps them unchanged and retained until the completion is
 * called, and releases them itself. Reader and writer indices are neither used nor moved.
 */
public interface PartitionReplica {

  /** The most units that one {@link #allocation} asks about. */
  int MAX_ALLOCATION_UNITS = 4096;

  /** Reads {@code length} bytes into {@code destination} at {@code index}. */
  void read(
      long unit, int offset, ByteBuf destination, int index, int length, IoCompletion completion);

  /**
   * Writes {@code length} bytes from {@code source} at {@code index}; allocates the extent if it
   * must.
   */
  void write(long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion);

  /**
   * Writes as {@link #write} does, but no concurrent read or write of the same unit sees or leaves
   * a part of it (SBC-3 WRITE ATOMIC within one unit).
   */
  void writeAtomic(
      long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion);

  /**
   * Makes the range read as zeros and gives back what space it can: a whole unit's extent is freed;
   * part of one is filled with zeros.
   */
  void zero(long unit, int offset, int length, IoCompletion completion);

  /**
   * Compares {@code length} bytes with those of {@code source} at {@code index}, and, if all are
   * equal, writes the {@code length} bytes that follow there. Atomic to every other request on this
   * unit.
   */
  void compareAndWrite(
      long unit, int offset, ByteBuf source, int index, int length, CompareCompletion completion);

  /**
   * Replaces each byte by its bitwise OR with {@code source}'s. Atomic to every other request on
   * this unit.
   */
  void or(long unit, int offset, ByteBuf source, int index, int length, IoCompletion completion);

  /**
   * Which of the {@code count} units from {@code unit} on have an extent: one that has none reads
   * as zeros and takes no space.
   *
   * @param count 1 to {@link #MAX_ALLOCATION_UNITS}
   */
  void allocation(long unit, int count, AllocationCompletion completion);

  /**
   * Makes durable all that was completed before this call: writes, allocations and zeroing, of this
   * volume.
   */
  void flush(IoCompletion completion);

  /**
   * As {@link #flush(IoCompletion)}, but only where the units from {@code first} to {@code last}
   * are; more may be flushed.
   */
  default void flush(long first, long last, IoCompletion completion) {
    flush(completion);
  }

  /**
   * The same for copying: reads, writes and zeroing are done on the calling thread, which may have
   * to wait for the disk, and clients' requests neither queue behind them nor are judged by them.
   */
  default PartitionReplica background() {
    return this;
  }
}
