package io.sandrift.server.block;

/** How one I/O ended. The SCSI layer translates it to a status and sense data. */
public enum IoStatus {
  /** Done. A write is acknowledged from the page cache; only a flush makes it durable. */
  OK,
  /** A compare found other bytes; nothing was written. */
  MISCOMPARE,
  /**
   * No extent could be allocated, or the file system is full; what was there before is still there.
   */
  NO_SPACE,
  /** The medium failed: an I/O error, or bytes that cannot be trusted. */
  MEDIUM_ERROR,
  /** The owner can't be reached now, or is stopping; the same I/O may succeed later. */
  UNAVAILABLE,
  /**
   * The connection to the owner was lost with the request under way, and doing it twice would not
   * be doing it once: whether it was done is unknown.
   */
  CUT_OFF,
  /**
   * The nexus has logged in elsewhere since: nothing was done, and nothing it asks for here will
   * be.
   */
  FENCED,
  /**
   * The server asked isn't the partition's owner, or knows another epoch of its entry; nothing was
   * done. Stays between servers: {@link RoutedReplica} looks for the owner and asks again.
   */
  MOVED,
  /**
   * A request that must be atomic spans units that aren't at one owner; nothing was done, and
   * nothing would be if it were asked again.
   */
  SPLIT
}
