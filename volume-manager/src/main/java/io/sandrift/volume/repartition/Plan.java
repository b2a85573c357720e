package io.sandrift.volume.repartition;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Which partitions go where.
 *
 * @param purpose what was asked for, in words
 * @param moves in the order in which they are made; no partition twice
 * @param leastBytes the fewest bytes that anybody could move to the same end; see {@link Planner}
 * @param effects one for each server, by id
 */
public record Plan(String purpose, List<Move> moves, long leastBytes, List<ServerEffect> effects) {

  public Plan {
    moves = List.copyOf(moves);
    effects = List.copyOf(effects);
    long places =
        moves.stream().map(move -> move.volumeId() + "/" + move.partition()).distinct().count();
    if (places != moves.size()) {
      throw new IllegalArgumentException("a plan moves a partition twice");
    }
  }

  /** What is copied in all. */
  public long bytes() {
    return moves.stream().mapToLong(Move::bytes).sum();
  }

  /**
   * How long it takes.
   *
   * @param bytesPerSecond at which rate; empty when 0 or less, as that isn't known then
   */
  public Optional<Duration> duration(double bytesPerSecond) {
    return bytesPerSecond > 0
        ? Optional.of(Duration.ofMillis((long) (bytes() / bytesPerSecond * 1000)))
        : Optional.empty();
  }

  /** The plan that takes back what this one did, last move first. */
  public Plan reversed() {
    List<Move> back = new ArrayList<>(moves.stream().map(Move::reversed).toList());
    Collections.reverse(back);
    List<ServerEffect> undone =
        effects.stream()
            .map(
                effect ->
                    new ServerEffect(
                        effect.server(),
                        effect.partitionsAfter(),
                        effect.partitionsBefore(),
                        effect.usedBytesAfter(),
                        effect.usedBytesBefore(),
                        effect.capacityBytes(),
                        effect.pressureAfter(),
                        effect.pressureBefore()))
            .toList();
    return new Plan("undo " + purpose, back, bytes(), undone);
  }
}
