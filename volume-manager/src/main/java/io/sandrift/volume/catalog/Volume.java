package io.sandrift.volume.catalog;

import java.time.Instant;
import java.util.Objects;

/**
 * A volume as the catalog holds it.
 *
 * @param spec what it was created as; its size is the present one
 * @param created when, to the millisecond
 * @param version the catalog's version of this record; each change adds one
 */
public record Volume(VolumeId id, VolumeSpec spec, Instant created, int version) {

  public Volume {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(created, "created");
  }

  public VolumeName name() {
    return spec.name();
  }

  public long sizeBytes() {
    return spec.sizeBytes();
  }

  /**
   * This volume with another size, its version unchanged.
   *
   * @throws IllegalArgumentException if the size is less than now, or none that a volume can have
   */
  Volume grownTo(long newSizeBytes) {
    VolumeSpec.requireSize(newSizeBytes, spec.blockBytes());
    if (newSizeBytes < spec.sizeBytes()) {
      throw new IllegalArgumentException(
          "volume '"
              + name()
              + "' can only grow: it has "
              + new ByteSize(spec.sizeBytes())
              + " and was asked to have "
              + new ByteSize(newSizeBytes)
              + "; to make it smaller, copy it to a new volume");
    }
    VolumeSpec grown =
        new VolumeSpec(
            spec.name(),
            newSizeBytes,
            spec.blockBytes(),
            spec.stripeUnitBytes(),
            spec.partitions(),
            spec.serviceClass());
    return new Volume(id, grown, created, version);
  }
}
