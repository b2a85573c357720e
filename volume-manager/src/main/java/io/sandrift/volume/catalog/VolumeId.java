package io.sandrift.volume.catalog;

import java.util.Objects;
import java.util.UUID;

/**
 * What identifies a volume for as long as its bytes exist. A name can be given again after its
 * volume was deleted; an id can't, so nothing of the old volume is ever taken for the new one's.
 */
public record VolumeId(UUID value) implements Comparable<VolumeId> {

  public VolumeId {
    Objects.requireNonNull(value, "value");
  }

  /** A new id, unlike any other. */
  public static VolumeId random() {
    return new VolumeId(UUID.randomUUID());
  }

  /**
   * Parses the form that {@link #toString} gives.
   *
   * @throws IllegalArgumentException if the text is no UUID
   */
  public static VolumeId parse(String text) {
    return new VolumeId(UUID.fromString(text));
  }

  @Override
  public int compareTo(VolumeId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
