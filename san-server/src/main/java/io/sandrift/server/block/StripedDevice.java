package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A volume as one run of bytes: cuts each request where stripe units end, sends the parts to the
 * units' owners, and completes it when all parts have. Safe for all threads; completions and
 * buffers obey the rules of {@link PartitionReplica} and {@link IoCompletion}.
 *
 * <p>All ranges lie within {@link #length}; the caller has checked that, as it owes the initiator
 * the error.
 */
public final class StripedDevice {

  /**
   * How far {@link #allocation} looks ahead, in units: enough for a useful answer, little enough
   * not to take long.
   */
  private static final int ALLOCATION_SEARCH_UNITS = 4096;

  private final StripeLayout layout;
  private final PartitionReplica replica;
  private volatile long length;

  /**
   * @param length in bytes
   * @param replica the owner of all of the volume's partitions
   */
  public StripedDevice(StripeLayout layout, long length, PartitionReplica replica) {
    this.layout = layout;
    this.length = length;
    this.replica = replica;
  }

  /** The volume's length in bytes. */
  public long length() {
    return length;
  }

  public int unitBytes() {
    return layout.unitBytes();
  }

  /** Makes the volume longer; what is added reads as zeros. */
  public void grow(long newLength) {
    if (newLength < length) {
      throw new IllegalArgumentException(
          "a volume of " + length + " bytes can't shrink to " + newLength);
    }
    length = newLength;
  }

  /** Reads {@code size} bytes at {@code offset} into {@code destination} at {@code index}. */
  public void read(long offset, ByteBuf destination, int index, int size, IoCompletion completion) {
    int first = layout.lengthInUnit(offset, size);
    if (first == size) {
      replica.read(
          layout.unitOf(offset), layout.offsetInUnit(offset), destination, index, size, completion);
      return;
    }
    Join join = new Join(parts(offset, size), completion);
    for (int done = 0; done < size; ) {
      int part = layout.lengthInUnit(offset + done, size - done);
      replica.read(
          layout.unitOf(offset + done),
          layout.offsetInUnit(offset + done),
          destination,
          index + done,
          part,
          join);
      done += part;
    }
  }

  /** Writes {@code size} bytes of {@code source} at {@code index} to {@code offset}. */
  public void write(long offset, ByteBuf source, int index, int size, IoCompletion completion) {
    int first = layout.lengthInUnit(offset, size);
    if (first == size) {
      replica.write(
          layout.unitOf(offset), layout.offsetInUnit(offset), source, index, size, completion);
      return;
    }
    Join join = new Join(parts(offset, size), completion);
    for (int done = 0; done < size; ) {
      int part = layout.lengthInUnit(offset + done, size - done);
      replica.write(
          layout.unitOf(offset + done),
          layout.offsetInUnit(offset + done),
          source,
          index + done,
          part,
          join);
      done += part;
    }
  }

  /** Writes as {@link #write} does, all or nothing to every concurrent request. */
  public void writeAtomic(
      long offset, ByteBuf source, int index, int size, IoCompletion completion) {
    replica.writeAtomic(
        layout.unitOf(offset), layout.offsetInUnit(offset), source, index, size, completion);
  }

  /**
   * Makes {@code size} bytes at {@code offset} read as zeros, and gives back the units that it
   * covers whole. Goes from unit to unit: the caller bounds the size, so that it doesn't take the
   * thread for long.
   */
  public void zero(long offset, long size, IoCompletion completion) {
    Join join = new Join(parts(offset, size), completion);
    for (long done = 0; done < size; ) {
      int part = layout.lengthInUnit(offset + done, size - done);
      replica.zero(layout.unitOf(offset + done), layout.offsetInUnit(offset + done), part, join);
      done += part;
    }
  }

  /**
   * Compares {@code size} bytes with {@code source} at {@code index}, and writes the {@code size}
   * bytes behind if equal.
   */
  public void compareAndWrite(
      long offset, ByteBuf source, int index, int size, CompareCompletion completion) {
    replica.compareAndWrite(
        layout.unitOf(offset), layout.offsetInUnit(offset), source, index, size, completion);
  }

  /** Replaces each byte by its OR with {@code source}'s. */
  public void or(long offset, ByteBuf source, int index, int size, IoCompletion completion) {
    replica.or(layout.unitOf(offset), layout.offsetInUnit(offset), source, index, size, completion);
  }

  /**
   * Whether the byte at {@code offset} is allocated, and how many from there on are alike; the
   * search has a bound.
   */
  public AllocationRun allocation(long offset) {
    long unit = layout.unitOf(offset);
    boolean allocated = replica.isAllocated(unit);
    long end = length;
    for (int i = 1; i <= ALLOCATION_SEARCH_UNITS; i++) {
      long start = (unit + i) * layout.unitBytes();
      if (start >= end) {
        return new AllocationRun(allocated, end - offset);
      }
      if (replica.isAllocated(unit + i) != allocated || i == ALLOCATION_SEARCH_UNITS) {
        return new AllocationRun(allocated, start - offset);
      }
    }
    throw new AssertionError("the last round returns");
  }

  /** Makes durable all that was completed before this call. */
  public void flush(IoCompletion completion) {
    replica.flush(completion);
  }

  private int parts(long offset, long size) {
    return Math.toIntExact(layout.unitOf(offset + size - 1) - layout.unitOf(offset) + 1);
  }

  /** Completes a request when all its parts have; the first failure is the request's. */
  private static final class Join implements IoCompletion {

    private final AtomicInteger remaining;
    private final AtomicReference<IoStatus> outcome = new AtomicReference<>(IoStatus.OK);
    private final IoCompletion whole;

    Join(int parts, IoCompletion whole) {
      this.remaining = new AtomicInteger(parts);
      this.whole = whole;
    }

    @Override
    public void done(IoStatus status) {
      if (status != IoStatus.OK) {
        outcome.compareAndSet(IoStatus.OK, status);
      }
      if (remaining.decrementAndGet() == 0) {
        whole.done(Objects.requireNonNull(outcome.get()));
      }
    }
  }
}
