package io.sandrift.volume.catalog;

/**
 * Hears of the catalog's changes, one at a time, on the catalog's watch thread; must not block
 * long.
 */
public interface VolumeListener {

  /** A volume exists: it is new, or it was there when the watch began. */
  void added(Volume volume);

  /** A volume's record changed; {@code before} and {@code now} have the same id. */
  void changed(Volume before, Volume now);

  /** A volume was deleted. */
  void removed(Volume volume);
}
