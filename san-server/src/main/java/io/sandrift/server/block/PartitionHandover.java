package io.sandrift.server.block;

import java.util.Map;

/**
 * One partition on its way from this server to another: tells of changes while it is copied,
 * freezes it for the last of them, and ends with the partition either gone or still here. Used by
 * the thread that makes the move.
 *
 * <pre>
 *   (changes are told) ──freeze──▶ (requests are held) ──left──▶ gone; held requests go elsewhere
 *          ▲                              │
 *          └────────── thaw, keep ────────┘
 * </pre>
 */
public final class PartitionHandover implements AutoCloseable {

  /**
   * Hears of changes of a partition's bytes while it is being copied away. Safe for all threads.
   */
  public interface ChangeListener {
    /** The bytes there may have changed; called before the change is acknowledged. */
    void changed(long unit, int offset, int length);
  }

  private final PartitionGate gate;
  private final NexusGates nexuses;
  private boolean holdsLogins;
  private boolean isOver;

  PartitionHandover(PartitionGate gate, NexusGates nexuses) {
    this.gate = gate;
    this.nexuses = nexuses;
  }

  /** The epoch of the partition's entry by which this server owns it. */
  public long epoch() {
    return gate.epoch();
  }

  /**
   * Holds requests from now on.
   *
   * @param quiet run when none is under way any more, so that no more changes are told; on any
   *     thread, perhaps at once
   * @return false if the partition isn't open
   */
  public boolean freeze(Runnable quiet) {
    return gate.freeze(quiet);
  }

  /** The epochs of the volume's nexuses; logins wait until the partition is thawed or has left. */
  public Map<String, Long> holdLogins() {
    Map<String, Long> epochs = nexuses.hold();
    if (holdsLogins) {
      nexuses.release();
    }
    holdsLogins = true;
    return epochs;
  }

  /** Lets in again what was held: the partition stays, and nothing has changed in the map. */
  public void thaw() {
    gate.thaw();
    releaseLogins();
  }

  /** As {@link #thaw}, by a newer entry of the map. */
  public void keep(long epoch) {
    gate.own(epoch);
    releaseLogins();
  }

  /**
   * The partition is another server's.
   *
   * @param epoch of the entry that says so
   * @param version of its map
   */
  public void left(long epoch, int version) {
    gate.leave(epoch, version);
    releaseLogins();
  }

  /**
   * Tells of changes no longer. A partition that is still frozen stays so: whoever is not sure
   * whose it is must not close.
   */
  @Override
  public void close() {
    if (!isOver) {
      isOver = true;
      gate.listenNoMore();
      releaseLogins();
    }
  }

  private void releaseLogins() {
    if (holdsLogins) {
      holdsLogins = false;
      nexuses.release();
    }
  }
}
