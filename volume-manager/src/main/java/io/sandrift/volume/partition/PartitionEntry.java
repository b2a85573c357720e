package io.sandrift.volume.partition;

import io.sandrift.load.membership.ServerId;
import java.util.List;
import java.util.Set;

/**
 * Where one partition is.
 *
 * @param epoch 1 or more; each change of this entry adds one, and a request that carries an older
 *     one is refused by the replicas
 * @param replicas the servers that are to hold the partition's bytes, at least one, in order of
 *     preference, none twice
 * @param inSync those of them that hold every acknowledged write, in the same order, at least one;
 *     the first is the primary
 */
public record PartitionEntry(long epoch, List<ServerId> replicas, List<ServerId> inSync) {

  public PartitionEntry {
    replicas = List.copyOf(replicas);
    inSync = List.copyOf(inSync);
    if (epoch < 1) {
      throw new IllegalArgumentException("epoch " + epoch + " is less than 1");
    }
    if (inSync.isEmpty()) {
      throw new IllegalArgumentException("no replica is in sync; the partition would be lost");
    }
    if (Set.copyOf(replicas).size() != replicas.size()) {
      throw new IllegalArgumentException("a server is twice among the replicas " + replicas);
    }
    if (!inSync.equals(replicas.stream().filter(inSync::contains).toList())) {
      throw new IllegalArgumentException(
          "in sync " + inSync + " is not a part, in order, of the replicas " + replicas);
    }
  }

  /** A partition's first entry: all its replicas are in sync, since all are empty. */
  public static PartitionEntry first(List<ServerId> replicas) {
    return new PartitionEntry(1, replicas, replicas);
  }

  /** The server that acknowledges writes. */
  public ServerId primary() {
    return inSync.get(0);
  }
}
