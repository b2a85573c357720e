package io.sandrift.volume.catalog;

import java.util.List;
import java.util.Optional;

/**
 * The volumes that exist, for the whole cluster. Safe to call from any thread; every call but
 * {@link #watch} may wait for ZooKeeper and throws {@link CatalogException} when it doesn't answer.
 */
public interface VolumeCatalog {

  /** Creates a volume, or finds the one that has its name. */
  Creation create(VolumeSpec spec);

  /** The volume of that name. */
  Optional<Volume> find(VolumeName name);

  /** All volumes, by name. */
  List<Volume> list();

  /**
   * Makes a volume larger; nothing happens if it has that size already.
   *
   * @return the volume as it is now; empty if there is none of that name
   * @throws IllegalArgumentException if the new size is smaller, or none that a volume can have
   */
  Optional<Volume> grow(VolumeName name, long newSizeBytes);

  /**
   * Deletes a volume with all that ZooKeeper holds of it; each server that has extents of it frees
   * them when it hears of it.
   *
   * @return the volume that is gone; empty if there was none of that name
   */
  Optional<Volume> delete(VolumeName name);

  /**
   * Whether the volume was deleted, which is more than that it isn't there: a server frees extents
   * only on this word, never because a catalog that may be the wrong one, or an empty one, doesn't
   * list the volume.
   */
  boolean isDeleted(VolumeId id);

  /** Tells the listener of every volume that exists, then of each change. */
  void watch(VolumeListener listener);

  /**
   * The end of {@link #create}.
   *
   * @param created false if a volume of that name existed; it is {@code volume} then, whatever its
   *     spec
   */
  record Creation(Volume volume, boolean created) {}
}
