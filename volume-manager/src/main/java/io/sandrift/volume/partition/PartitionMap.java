package io.sandrift.volume.partition;

import io.sandrift.load.membership.ServerId;
import io.sandrift.volume.catalog.VolumeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Where every partition of one volume is.
 *
 * @param volume whose map it is
 * @param version the version in ZooKeeper; each change adds one
 * @param entries one for each partition, by its number
 */
public record PartitionMap(VolumeId volume, int version, List<PartitionEntry> entries) {

  public PartitionMap {
    Objects.requireNonNull(volume, "volume");
    entries = List.copyOf(entries);
    if (entries.isEmpty()) {
      throw new IllegalArgumentException("a partition map without partitions");
    }
  }

  /** The entry of partition {@code partition}, 0 to {@code size() - 1}. */
  public PartitionEntry entry(int partition) {
    return entries.get(partition);
  }

  /** How many partitions there are. */
  public int size() {
    return entries.size();
  }

  /** All servers that hold, or are to hold, some partition. */
  public Set<ServerId> servers() {
    Set<ServerId> servers = new HashSet<>();
    entries.forEach(entry -> servers.addAll(entry.replicas()));
    return Set.copyOf(servers);
  }

  /**
   * This map with another place for one partition; its epoch is one more than before.
   *
   * @param inSync a part of {@code replicas}
   */
  public PartitionMap moved(int partition, List<ServerId> replicas, List<ServerId> inSync) {
    List<PartitionEntry> changed = new ArrayList<>(entries);
    changed.set(
        partition, new PartitionEntry(entries.get(partition).epoch() + 1, replicas, inSync));
    return new PartitionMap(volume, version, changed);
  }
}
