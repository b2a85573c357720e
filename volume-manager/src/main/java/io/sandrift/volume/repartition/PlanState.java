package io.sandrift.volume.repartition;

/**
 * What becomes of a plan.
 *
 * <pre>
 *   RUNNING ◀──▶ PAUSED          a move that can't be made ──▶ FAILED
 *      │            │
 *      ├── cancel ──┴──▶ GOING_BACK ──▶ CANCELLED
 *      └──▶ DONE
 * </pre>
 */
public enum PlanState {
  /** Its moves are being made. */
  RUNNING,
  /** No move is begun, and the one under way has been broken off. */
  PAUSED,
  /** It was cancelled, and the moves that were made are being taken back. */
  GOING_BACK,
  /** All moves are made. */
  DONE,
  /** It was cancelled; nothing goes on. */
  CANCELLED,
  /** A move could not be made in any of many attempts; the record's note says why. */
  FAILED;

  /** Whether nothing more will happen. */
  public boolean isOver() {
    return this == DONE || this == CANCELLED || this == FAILED;
  }

  /** Whether moves are being made. */
  public boolean isMoving() {
    return this == RUNNING || this == GOING_BACK;
  }
}
