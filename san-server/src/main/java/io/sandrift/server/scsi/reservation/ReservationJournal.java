package io.sandrift.server.scsi.reservation;

import java.util.Optional;

/**
 * Where a logical unit's persistent reservations outlive its server and power loss (APTPL, SPC-4).
 * Implemented by the wiring, over the cluster's coordination service; safe to call from any thread.
 */
public interface ReservationJournal {

  /** What was saved last, or empty when nothing was. Called once, before the first command. */
  Optional<byte[]> load();

  /**
   * Keeps {@code saved} in the place of what was there before. Must not block; {@code listener} is
   * called exactly once, on any thread. Never called again before the last call has ended.
   */
  void save(byte[] saved, SaveListener listener);

  /** Receives the end of a {@link #save}. */
  @FunctionalInterface
  interface SaveListener {
    /**
     * @param durable whether it is kept; if not, the old content still is
     */
    void done(boolean durable);
  }
}
