package io.sandrift.volume.catalog;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * What a volume is asked to be. Valid by construction: the constructor's message says what is wrong
 * and what was expected.
 *
 * @param sizeBytes {@link #MIN_SIZE_BYTES} to {@link #MAX_SIZE_BYTES}, a multiple of {@code
 *     blockBytes}
 * @param blockBytes logical block length, 512 or 4096
 * @param stripeUnitBytes how much of the volume lies together in one partition, a power of two from
 *     {@link #MIN_STRIPE_UNIT_BYTES} to {@link #MAX_STRIPE_UNIT_BYTES}
 * @param partitions 1 to {@link #MAX_PARTITIONS}
 * @param serviceClass the type of service that the volume belongs to, such as {@code gold} or
 *     {@code archive}; 1 to 31 lower-case letters, digits and inner hyphens
 */
public record VolumeSpec(
    VolumeName name,
    long sizeBytes,
    int blockBytes,
    int stripeUnitBytes,
    int partitions,
    String serviceClass) {

  public static final long MIN_SIZE_BYTES = 1L << 20;
  public static final long MAX_SIZE_BYTES = 1L << 46;
  public static final int DEFAULT_BLOCK_BYTES = 512;
  public static final int MIN_STRIPE_UNIT_BYTES = 1 << 16;
  public static final int MAX_STRIPE_UNIT_BYTES = 1 << 24;
  public static final int DEFAULT_STRIPE_UNIT_BYTES = 1 << 20;
  public static final int MAX_PARTITIONS = 1024;
  public static final int DEFAULT_PARTITIONS = 64;
  public static final String DEFAULT_SERVICE_CLASS = "default";

  private static final Pattern CLASS_FORM = Pattern.compile("[a-z0-9]([a-z0-9-]{0,29}[a-z0-9])?");

  public VolumeSpec {
    Objects.requireNonNull(name, "name");
    if (blockBytes != 512 && blockBytes != 4096) {
      throw new IllegalArgumentException(
          "block size " + blockBytes + " is neither 512 nor 4096 bytes");
    }
    requireSize(sizeBytes, blockBytes);
    if (Integer.bitCount(stripeUnitBytes) != 1
        || stripeUnitBytes < MIN_STRIPE_UNIT_BYTES
        || stripeUnitBytes > MAX_STRIPE_UNIT_BYTES) {
      throw new IllegalArgumentException(
          "stripe unit "
              + stripeUnitBytes
              + " bytes is not a power of two from 64KiB to 16MiB, such as 1MiB");
    }
    if (partitions < 1 || partitions > MAX_PARTITIONS) {
      throw new IllegalArgumentException(
          "partitions " + partitions + " is not from 1 to " + MAX_PARTITIONS);
    }
    if (!CLASS_FORM.matcher(serviceClass).matches()) {
      throw new IllegalArgumentException(
          "service class '"
              + serviceClass.substring(0, Math.min(serviceClass.length(), 80))
              + "' is not 1 to 31 lower-case letters, digits and inner hyphens, such as gold");
    }
  }

  /** A volume of this name and size, and defaults for the rest. */
  public static VolumeSpec of(VolumeName name, long sizeBytes) {
    return new VolumeSpec(
        name,
        sizeBytes,
        DEFAULT_BLOCK_BYTES,
        DEFAULT_STRIPE_UNIT_BYTES,
        DEFAULT_PARTITIONS,
        DEFAULT_SERVICE_CLASS);
  }

  static void requireSize(long sizeBytes, int blockBytes) {
    if (sizeBytes < MIN_SIZE_BYTES || sizeBytes > MAX_SIZE_BYTES || sizeBytes % blockBytes != 0) {
      throw new IllegalArgumentException(
          "size "
              + sizeBytes
              + " bytes is not from 1MiB to 64TiB and a multiple of the block size, "
              + blockBytes
              + " bytes");
    }
  }
}
