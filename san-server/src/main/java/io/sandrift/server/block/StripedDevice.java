package io.sandrift.server.block;

import io.netty.buffer.ByteBuf;
import io.sandrift.volume.stripe.StripeLayout;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
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

  /** In bytes; shared by all that see the volume. */
  private final AtomicLong length;

  /**
   * @param length in bytes
   * @param replica all of the volume's units
   */
  public StripedDevice(StripeLayout layout, long length, PartitionReplica replica) {
    this(layout, new AtomicLong(length), replica);
  }

  private StripedDevice(StripeLayout layout, AtomicLong length, PartitionReplica replica) {
    this.layout = layout;
    this.length = length;
    this.replica = replica;
  }

  /** A device whose bytes only {@link #by} leads to. */
  public static StripedDevice unrouted(StripeLayout layout, long length) {
    return new StripedDevice(layout, length, new Unrouted());
  }

  /** The same volume, grown when this is grown, by another way to its units. */
  public StripedDevice by(PartitionReplica other) {
    return new StripedDevice(layout, length, other);
  }

  /** The volume's length in bytes. */
  public long length() {
    return length.get();
  }

  public int unitBytes() {
    return layout.unitBytes();
  }

  /** Makes the volume longer; what is added reads as zeros. */
  public void grow(long newLength) {
    long before = length.get();
    if (newLength < before) {
      throw new IllegalArgumentException(
          "a volume of " + before + " bytes can't shrink to " + newLength);
    }
    length.set(newLength);
  }

  /** Reads {@code size} bytes at {@code offset} into {@code destination} at {@code index}. */
  public void read(long offset, ByteBuf destination, int index, int size, IoCompletion completion) {
    split(
        offset,
        size,
        completion,
        (unit, within, done, length, ended) ->
            replica.read(unit, within, destination, index + (int) done, length, ended));
  }

  /** Writes {@code size} bytes of {@code source} at {@code index} to {@code offset}. */
  public void write(long offset, ByteBuf source, int index, int size, IoCompletion completion) {
    split(
        offset,
        size,
        completion,
        (unit, within, done, length, ended) ->
            replica.write(unit, within, source, index + (int) done, length, ended));
  }

  /**
   * Writes as {@link #write} does, all or nothing to every concurrent request.
   *
   * @param size does not reach beyond the stripe unit of {@code offset}
   */
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
    split(
        offset,
        size,
        completion,
        (unit, within, done, length, ended) -> replica.zero(unit, within, length, ended));
  }

  /**
   * Compares {@code size} bytes with {@code source} at {@code index}, and writes the {@code size}
   * bytes behind if equal.
   *
   * @param size does not reach beyond the stripe unit of {@code offset}
   */
  public void compareAndWrite(
      long offset, ByteBuf source, int index, int size, CompareCompletion completion) {
    replica.compareAndWrite(
        layout.unitOf(offset), layout.offsetInUnit(offset), source, index, size, completion);
  }

  /** Replaces each byte by its OR with {@code source}'s; atomic within each unit. */
  public void or(long offset, ByteBuf source, int index, int size, IoCompletion completion) {
    split(
        offset,
        size,
        completion,
        (unit, within, done, length, ended) ->
            replica.or(unit, within, source, index + (int) done, length, ended));
  }

  /**
   * Finds whether the byte at {@code offset} is allocated, and how many from there on are alike;
   * the search has a bound.
   */
  public void allocation(long offset, RunListener listener) {
    long unit = layout.unitOf(offset);
    long end = length();
    int units = (int) Math.min(ALLOCATION_SEARCH_UNITS, layout.unitOf(end - 1) - unit + 1);
    replica.allocation(
        unit,
        units,
        (status, bits) -> {
          boolean allocated = bits.get(0);
          int alike = allocated ? bits.nextClearBit(0) : bits.nextSetBit(0);
          if (alike < 0 || alike > units) {
            alike = units;
          }
          long stop = Math.min(end, (unit + alike) * layout.unitBytes());
          listener.done(status, new AllocationRun(allocated, stop - offset));
        });
  }

  /** Receives what {@link #allocation} found; the rules of {@link IoCompletion} hold. */
  @FunctionalInterface
  public interface RunListener {
    /**
     * @param run of use only with OK
     */
    void done(IoStatus status, AllocationRun run);
  }

  /** Makes durable all that was completed before this call. */
  public void flush(IoCompletion completion) {
    replica.flush(completion);
  }

  /**
   * Makes durable what was completed before this call at the owners of the range.
   *
   * @param size 1 or more
   */
  public void flush(long offset, long size, IoCompletion completion) {
    replica.flush(layout.unitOf(offset), layout.unitOf(offset + size - 1), completion);
  }

  /** Begins what is to be done with one unit's part of a range. */
  private interface Part {
    /**
     * @param done bytes of the range before this part
     */
    void begin(long unit, int offset, long done, int length, IoCompletion ended);
  }

  private void split(long offset, long size, IoCompletion completion, Part part) {
    long parts = layout.unitOf(offset + size - 1) - layout.unitOf(offset) + 1;
    IoCompletion ended = parts == 1 ? completion : new Join(Math.toIntExact(parts), completion);
    for (long done = 0; done < size; ) {
      int length = layout.lengthInUnit(offset + done, size - done);
      part.begin(
          layout.unitOf(offset + done), layout.offsetInUnit(offset + done), done, length, ended);
      done += length;
    }
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
