package io.sandrift.server.scsi.copy;

import io.sandrift.server.scsi.reservation.Access;
import io.sandrift.server.scsi.sbc.BlockUnit;
import io.sandrift.server.scsi.task.NexusId;
import java.util.Optional;

/** Finds the disks that a copy may read and write. Safe to call from any thread. */
@FunctionalInterface
public interface DiskDirectory {

  /**
   * The disk that a designator names, or empty if none of this system does.
   *
   * @param type the designator type (SPC-4, device identification VPD page)
   */
  Optional<CopyDisk> find(int type, byte[] designator);

  /** What a copy needs of a disk. */
  interface CopyDisk {

    /** Its blocks. */
    BlockUnit blockUnit();

    /** Whether its reservations let the nexus that copies read, or write, it. */
    boolean allows(NexusId nexus, Access access);
  }
}
