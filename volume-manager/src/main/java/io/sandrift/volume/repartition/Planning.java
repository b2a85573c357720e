package io.sandrift.volume.repartition;

/** How the making of a plan ended. */
public sealed interface Planning {

  /** There is one; it has no moves if all is as it should be. */
  record Planned(Plan plan) implements Planning {}

  /**
   * It can't be done.
   *
   * @param reason why, with the numbers, and what to do
   */
  record Refused(String reason) implements Planning {}
}
