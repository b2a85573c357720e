package io.sandrift.server.repartition;

/** How an attempt to move a partition ended. */
sealed interface MoveOutcome {

  /**
   * It is the destination's.
   *
   * @param bytes that were copied
   */
  record Moved(long bytes) implements MoveOutcome {}

  /**
   * It is where it was.
   *
   * @param reason in words
   */
  record Stayed(String reason) implements MoveOutcome {}
}
