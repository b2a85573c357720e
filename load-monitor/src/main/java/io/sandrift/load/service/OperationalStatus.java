package io.sandrift.load.service;

/** What a service instance says of its own state. */
public enum OperationalStatus {
  /** Not ready yet. */
  STARTING,
  /** Serves. */
  SERVING,
  /** Serves, and takes no new sessions. */
  DRAINING,
  /** Runs, and can't serve as it should. */
  IMPAIRED,
  /** Is about to end. */
  STOPPING
}
