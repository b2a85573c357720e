package io.sandrift.volume.stripe;

/**
 * How a volume is cut: unit {@code u} holds the bytes from {@code u * unitBytes} on, and belongs to
 * partition {@code u mod partitions}.
 *
 * @param unitBytes a stripe unit's length: a power of two from {@value #MIN_UNIT_BYTES} to {@value
 *     #MAX_UNIT_BYTES}
 * @param partitions how many partitions the volume has, 1 to {@value #MAX_PARTITIONS}
 */
public record StripeLayout(int unitBytes, int partitions) {

  public static final int MIN_UNIT_BYTES = 64 * 1024;
  public static final int MAX_UNIT_BYTES = 16 * 1024 * 1024;
  public static final int DEFAULT_UNIT_BYTES = 1024 * 1024;
  public static final int MAX_PARTITIONS = 4096;
  public static final int DEFAULT_PARTITIONS = 64;

  public StripeLayout {
    if (Integer.bitCount(unitBytes) != 1
        || unitBytes < MIN_UNIT_BYTES
        || unitBytes > MAX_UNIT_BYTES) {
      throw new IllegalArgumentException(
          "a stripe unit of " + unitBytes + " bytes is not a power of two from 64 KiB to 16 MiB");
    }
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new IllegalArgumentException(partitions + " partitions are not 1 to " + MAX_PARTITIONS);
    }
  }

  /** The unit that holds the byte at {@code offset}. */
  public long unitOf(long offset) {
    return offset >> Integer.numberOfTrailingZeros(unitBytes);
  }

  /** Where in its unit the byte at {@code offset} lies. */
  public int offsetInUnit(long offset) {
    return (int) (offset & (unitBytes - 1));
  }

  /** How many of the {@code length} bytes from {@code offset} on lie in the first one's unit. */
  public int lengthInUnit(long offset, long length) {
    return (int) Math.min(length, unitBytes - offsetInUnit(offset));
  }

  /** The partition that a unit belongs to, 0 to {@code partitions - 1}. */
  public int partitionOf(long unit) {
    return (int) (unit % partitions);
  }
}
