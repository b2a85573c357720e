package io.sandrift.volume.catalog;

import java.util.Set;

/**
 * Hears of the catalog's changes, one at a time, on the catalog's watch thread; must not block
 * long.
 */
public interface VolumeListener {

  /**
   * Every volume that exists was told by {@link #added}: one that isn't among these was deleted
   * before the watch began, and nothing else will say so. Called once.
   */
  default void listed(Set<VolumeId> volumes) {}

  /** A volume exists: it is new, or it was there when the watch began. */
  void added(Volume volume);

  /** A volume's record changed; {@code before} and {@code now} have the same id. */
  void changed(Volume before, Volume now);

  /** A volume was deleted. */
  void removed(Volume volume);
}
