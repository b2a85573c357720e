package io.sandrift.volume.repartition;

import io.sandrift.volume.catalog.VolumeId;
import io.sandrift.volume.catalog.VolumeName;
import java.util.List;

/**
 * A volume, as the planner sees it.
 *
 * @param partitions by number
 */
public record VolumeStanding(VolumeName name, VolumeId id, List<PartitionStanding> partitions) {

  public VolumeStanding {
    partitions = List.copyOf(partitions);
  }
}
