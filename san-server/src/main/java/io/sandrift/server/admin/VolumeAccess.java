package io.sandrift.server.admin;

import io.sandrift.volume.catalog.VolumeId;

/** What becomes of a volume's access list with the volume. Blocks on ZooKeeper. */
public interface VolumeAccess {

  /** Volumes that have no lists. */
  VolumeAccess NONE =
      new VolumeAccess() {
        @Override
        public void open(VolumeId volume, boolean isOpen) {}

        @Override
        public void forget(VolumeId volume) {}
      };

  /** The volume was made to be open to everybody, or to be closed. */
  void open(VolumeId volume, boolean isOpen);

  /** The volume was deleted. */
  void forget(VolumeId volume);
}
