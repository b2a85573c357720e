package io.sandrift.volume.repartition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;

/**
 * One partition goes from one server to another.
 *
 * @param partition 0 or more
 * @param bytes what is copied, as of the plan's making
 */
public record Move(
    VolumeName volume, VolumeId volumeId, int partition, ServerId from, ServerId to, long bytes) {

  public Move {
    if (partition < 0 || bytes < 0 || from.equals(to)) {
      throw new IllegalArgumentException(
          "partition "
              + partition
              + " of volume "
              + volume
              + " can't move from "
              + from
              + " to "
              + to
              + " with "
              + bytes
              + " bytes");
    }
  }

  /** The way back. */
  public Move reversed() {
    return new Move(volume, volumeId, partition, to, from, bytes);
  }
}
