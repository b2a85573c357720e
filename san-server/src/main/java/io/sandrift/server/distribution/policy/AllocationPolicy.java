package io.sandrift.server.distribution.policy;

import io.sandrift.load.view.SystemLoad;
import java.time.Instant;
import java.util.Optional;

/** Selects the server for a client that asks. */
public interface AllocationPolicy {

  /** What users call it, such as {@code round-robin}. */
  String name();

  /**
   * Decides.
   *
   * @return empty when no server may take it now; the server that was reached serves it then if it
   *     can
   */
  Optional<Allocation> allocate(AllocationRequest request, SystemLoad load, Instant now);
}
